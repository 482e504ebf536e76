// Bindings of concord/synthetic.hpp.
#include <napi.h>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

RandomKey read_key(const Arguments& args, const char* name) {
  const Arguments key = args.nested(name);
  return {key.word("k0"), key.word("k1")};
}

/// Reads the groups of SyntheticRows and DrawSupports, which hold at most `features` features.
template <class Kernel>
void read_groups(const Arguments& args, Kernel& k, int features) {
  k.groups = args.positive("groups");
  k.group_size = args.positive("groupSize");
  k.active = args.positive("active");
  if (static_cast<long>(k.groups) * k.group_size > features)
    args.refuse("groups", "groups * groupSize up to " + std::to_string(features),
                std::to_string(k.groups) + " * " + std::to_string(k.group_size));
  if (k.active > k.group_size)
    args.refuse("active", "up to groupSize, " + std::to_string(k.group_size) + ",", std::to_string(k.active));
  k.weights = args.weights("weights", k.group_size);
}

Plan synthetic_rows(const Arguments& args) {
  SyntheticRows k{};
  k.count = args.positive("count");
  k.d_in = args.positive("dIn");
  k.features = args.floats("features", static_cast<std::size_t>(k.count) * k.d_in);
  const int kind = args.integer("coefficients");
  if (kind > 2) args.refuse("coefficients", "an integer from 0 to 2", std::to_string(kind));
  k.coefficients = static_cast<Coefficients>(kind);
  if (args.has("probabilities")) {
    k.probabilities = args.floats("probabilities", k.count);
  } else {
    read_groups(args, k, k.count);
    if (args.has("supports"))
      k.supports = args.indices("supports", static_cast<std::size_t>(k.groups) * k.active,
                                static_cast<std::size_t>(k.group_size));
  }
  k.noise = args.real("noise");
  k.key = read_key(args, "key");
  k.noise_key = read_key(args, "noiseKey");
  k.start = args.position("start");
  k.rows = args.integer("rows");
  k.out = args.out_floats("out", static_cast<std::size_t>(k.rows) * k.d_in);
  return {[k]() mutable { kernels().synthetic_rows(k, pool()); }, {}};
}

Plan draw_supports(const Arguments& args) {
  DrawSupports k{};
  read_groups(args, k, Arguments::kMost);
  k.key = read_key(args, "key");
  k.draw = args.position("draw");
  k.out = args.out_ints("out", static_cast<std::size_t>(k.groups) * k.active);
  return {[k]() mutable { kernels().draw_supports(k); }, {}};
}

}  // namespace

void export_synthetic(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "syntheticRows", synthetic_rows);
  export_kernel(env, exports, "drawSupports", draw_supports);
}

}  // namespace concord::node
