// Bindings of concord/random.hpp.
#include <napi.h>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

Plan fill_random(const Arguments& args) {
  FillRandom k{};
  k.key = {args.word("k0"), args.word("k1")};
  k.start = args.position("start");
  k.n = static_cast<long>(args.length("out"));
  k.out = args.out_floats("out", 0);
  k.normal = args.flag("normal");
  k.scale = args.has("scale") ? args.real("scale") : 1.0f;
  return {[k]() mutable { kernels().fill_random(k, pool()); }, {}};
}

Plan shuffle(const Arguments& args) {
  Shuffle k{};
  k.key = {args.word("k0"), args.word("k1")};
  k.n = static_cast<long>(args.length("order"));
  k.order = args.out_ints("order", 0);
  return {[k]() mutable { kernels().shuffle(k); }, {}};
}

}  // namespace

void export_random(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "fillRandom", fill_random);
  export_kernel(env, exports, "shuffle", shuffle);
}

}  // namespace concord::node
