// Bindings of concord/dense.hpp.
#include <napi.h>

#include <memory>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

Plan gemm(const Arguments& args) {
  Gemm k{};
  k.m = args.positive("m");
  k.n = args.positive("n");
  k.k = args.integer("k");
  k.a = args.floats("a", static_cast<std::size_t>(k.m) * k.k);
  k.b = args.floats("b", static_cast<std::size_t>(k.k) * k.n);
  k.c = args.out_floats("c", static_cast<std::size_t>(k.m) * k.n);
  k.transpose_a = args.flag("transposeA");
  k.transpose_b = args.flag("transposeB");
  k.alpha = args.has("alpha") ? args.real("alpha") : 1.0f;
  k.beta = args.has("beta") ? args.real("beta") : 0.0f;
  return {[k]() mutable { kernels().gemm(k, pool()); }, {}};
}

Plan center(const Arguments& args) {
  auto k = std::make_shared<Center>();
  k->batch = args.integer("batch");
  k->d_in = args.positive("dIn");
  k->x = args.floats("x", static_cast<std::size_t>(k->batch) * k->d_in);
  k->offset = args.optional_floats("offset", k->d_in);
  k->out = args.out_floats("out", static_cast<std::size_t>(k->batch) * k->d_in);
  args.may_be_one(k->x, k->out);
  return {[k] { kernels().center(*k, pool()); }, [k](Napi::Env env) { return Napi::Number::New(env, k->bad_row); }};
}

Plan normalize_rows(const Arguments& args) {
  NormalizeRows k{};
  k.count = args.integer("count");
  k.columns = args.positive("columns");
  k.rows = args.floats("rows", static_cast<std::size_t>(k.count) * k.columns);
  k.unit = args.out_floats("unit", static_cast<std::size_t>(k.count) * k.columns);
  args.may_be_one(k.rows, k.unit);
  return {[k]() mutable { kernels().normalize_rows(k, pool()); }, {}};
}

Plan bias_relu(const Arguments& args) {
  BiasRelu k{};
  k.batch = args.integer("batch");
  k.d_sae = args.positive("dSae");
  k.scores = args.out_floats("scores", static_cast<std::size_t>(k.batch) * k.d_sae);
  k.bias = args.optional_floats("bias", k.d_sae);
  k.active = args.out_ints("active", k.batch);
  k.sum = args.out_floats("sum", k.batch);
  return {[k]() mutable { kernels().bias_relu(k, pool()); }, {}};
}

Plan mask_gradient(const Arguments& args) {
  MaskGradient k{};
  k.n = static_cast<long>(args.position("n"));
  k.grad = args.out_floats("grad", static_cast<std::size_t>(k.n));
  k.code = args.floats("code", static_cast<std::size_t>(k.n));
  k.scale = args.real("scale");
  k.l1 = args.real("l1");
  return {[k]() mutable { kernels().mask_gradient(k, pool()); }, {}};
}

Plan gather_rows(const Arguments& args) {
  GatherRows k{};
  k.count = args.integer("count");
  k.columns = args.positive("columns");
  k.matrix = args.floats("matrix", 0);
  k.index = args.indices("index", k.count, args.length("matrix") / static_cast<std::size_t>(k.columns));
  k.out = args.out_floats("out", static_cast<std::size_t>(k.count) * k.columns);
  return {[k]() mutable { kernels().gather_rows(k, pool()); }, {}};
}

}  // namespace

void export_dense(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "gemm", gemm);
  export_kernel(env, exports, "center", center);
  export_kernel(env, exports, "normalizeRows", normalize_rows);
  export_kernel(env, exports, "biasRelu", bias_relu);
  export_kernel(env, exports, "maskGradient", mask_gradient);
  export_kernel(env, exports, "gatherRows", gather_rows);
}

}  // namespace concord::node
