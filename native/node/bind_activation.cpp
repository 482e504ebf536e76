// Bindings of concord/activation.hpp.
#include <napi.h>

#include <string>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

Activation read_kind(const Arguments& args) {
  const int kind = args.integer("kind");
  if (kind > static_cast<int>(Activation::sigmoid))
    throw Error("argument/invalid",
                "[activate] Expected an activation from 0 to 4 but received " + std::to_string(kind) + ".");
  return static_cast<Activation>(kind);
}

Plan activate(const Arguments& args) {
  Activate k{};
  k.kind = read_kind(args);
  k.n = static_cast<long>(args.position("n"));
  k.x = args.floats("x", static_cast<std::size_t>(k.n));
  k.out = args.out_floats("out", static_cast<std::size_t>(k.n));
  return {[k]() mutable { kernels().activate(k, pool()); }, {}};
}

Plan activate_gradient(const Arguments& args) {
  ActivateGradient k{};
  k.kind = read_kind(args);
  k.n = static_cast<long>(args.position("n"));
  k.x = args.floats("x", static_cast<std::size_t>(k.n));
  k.grad = args.floats("grad", static_cast<std::size_t>(k.n));
  k.out = args.out_floats("out", static_cast<std::size_t>(k.n));
  k.accumulate = args.flag("accumulate");
  return {[k]() mutable { kernels().activate_gradient(k, pool()); }, {}};
}

}  // namespace

void export_activation(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "activate", activate);
  export_kernel(env, exports, "activateGradient", activate_gradient);
}

}  // namespace concord::node
