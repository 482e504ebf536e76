// Bindings of concord/synthetic.hpp.
#include <napi.h>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

RandomKey read_key(const Arguments& args, const char* name) {
  const Arguments key = args.nested(name);
  return {static_cast<std::uint32_t>(key.number("k0")), static_cast<std::uint32_t>(key.number("k1"))};
}

Plan synthetic_rows(const Arguments& args) {
  SyntheticRows k{};
  k.count = args.integer("count");
  k.d_in = args.integer("dIn");
  k.features = args.floats("features", static_cast<std::size_t>(k.count) * k.d_in);
  const int kind = args.integer("coefficients");
  if (kind > 2) throw Error("argument/invalid", "Expected coefficients from 0 to 2.");
  k.coefficients = static_cast<Coefficients>(kind);
  if (args.has("probabilities")) {
    k.probabilities = args.floats("probabilities", k.count);
  } else {
    k.groups = args.integer("groups");
    k.group_size = args.integer("groupSize");
    k.active = args.integer("active");
    if (k.groups < 1 || static_cast<long>(k.groups) * k.group_size > k.count || k.active < 1 || k.active > k.group_size)
      throw Error("argument/invalid", "[syntheticRows] Expected groups * groupSize up to the number of features and active up to groupSize.");
    k.weights = args.floats("weights", k.group_size);
    if (args.has("supports")) {
      k.supports = args.ints("supports", static_cast<std::size_t>(k.groups) * k.active);
      for (int i = 0; i < k.groups * k.active; i++)
        if (k.supports[i] < 0 || k.supports[i] >= k.group_size) throw Error("argument/invalid", "[syntheticRows] A support lies outside its group.");
    }
  }
  k.noise = args.real("noise");
  k.key = read_key(args, "key");
  k.noise_key = read_key(args, "noiseKey");
  k.start = static_cast<std::uint64_t>(args.number("start"));
  k.rows = args.integer("rows");
  k.out = args.floats("out", static_cast<std::size_t>(k.rows) * k.d_in);
  return {[k]() mutable { kernels().synthetic_rows(k, pool()); }, {}};
}

Plan draw_supports(const Arguments& args) {
  DrawSupports k{};
  k.groups = args.integer("groups");
  k.group_size = args.integer("groupSize");
  k.active = args.integer("active");
  k.weights = args.floats("weights", k.group_size);
  k.key = read_key(args, "key");
  k.draw = static_cast<std::uint64_t>(args.number("draw"));
  k.out = args.ints("out", static_cast<std::size_t>(k.groups) * k.active);
  return {[k]() mutable { kernels().draw_supports(k); }, {}};
}

}  // namespace

void export_synthetic(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "syntheticRows", synthetic_rows);
  export_kernel(env, exports, "drawSupports", draw_supports);
}

}  // namespace concord::node
