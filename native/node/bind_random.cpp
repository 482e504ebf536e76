// Bindings of concord/random.hpp.
#include <napi.h>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

Plan fill_random(const Arguments& args) {
  FillRandom k{};
  k.key = {static_cast<std::uint32_t>(args.number("k0")), static_cast<std::uint32_t>(args.number("k1"))};
  k.start = static_cast<std::uint64_t>(args.number("start"));
  k.n = static_cast<long>(args.length("out"));
  k.out = args.floats("out", 0);
  k.normal = args.flag("normal");
  k.scale = args.has("scale") ? args.real("scale") : 1.0f;
  return {[k]() mutable { kernels().fill_random(k, pool()); }, {}};
}

Plan shuffle(const Arguments& args) {
  Shuffle k{};
  k.key = {static_cast<std::uint32_t>(args.number("k0")), static_cast<std::uint32_t>(args.number("k1"))};
  k.n = static_cast<long>(args.length("order"));
  k.order = args.ints("order", 0);
  return {[k]() mutable { kernels().shuffle(k); }, {}};
}

}  // namespace

void export_random(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "fillRandom", fill_random);
  export_kernel(env, exports, "shuffle", shuffle);
}

}  // namespace concord::node
