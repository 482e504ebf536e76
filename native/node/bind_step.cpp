// Bindings of concord/sparse.hpp and concord/update.hpp.
#include <napi.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bind.hpp"
#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

Plan decode(const Arguments& args) {
  Decode k{};
  k.batch = args.integer("batch");
  k.d_in = args.positive("dIn");
  const std::size_t elements = static_cast<std::size_t>(k.batch) * k.d_in;
  k.indptr = args.offsets("indptr", static_cast<std::size_t>(k.batch));
  const std::size_t nnz = static_cast<std::size_t>(k.indptr[k.batch]);
  k.W_dec = args.floats("wDec", 0);
  k.indices = args.indices("indices", nnz, args.length("wDec") / static_cast<std::size_t>(k.d_in));
  k.values = args.floats("values", nnz);
  k.target = args.floats("target", elements);
  k.target_scale = args.real("targetScale");
  k.residual = args.out_floats("residual", elements);
  args.may_be_one(k.target, k.residual);
  k.row_loss = args.out_floats("rowLoss", static_cast<std::size_t>(k.batch));
  k.code_grad = args.optional_out_floats("codeGrad", nnz);
  if (k.code_grad) {
    k.residual_scale = args.real("residualScale");
    k.l1 = args.real("l1");
    k.positive_only = args.flag("positiveOnly");
  }
  return {[k]() mutable { kernels().decode(k, pool()); }, {}};
}

Plan transpose(const Arguments& args) {
  Transpose k{};
  k.batch = args.integer("batch");
  k.d_sae = args.integer("dSae");
  k.indptr = args.offsets("indptr", static_cast<std::size_t>(k.batch));
  const std::size_t nnz = static_cast<std::size_t>(k.indptr[k.batch]);
  k.indices = args.indices("indices", nnz, static_cast<std::size_t>(k.d_sae));
  k.values = args.floats("values", nnz);
  k.code_grad = args.floats("codeGrad", nnz);
  k.latent_indptr = args.out_ints("latentIndptr", static_cast<std::size_t>(k.d_sae) + 1);
  k.rows = args.out_ints("rows", nnz);
  k.latent_values = args.out_floats("latentValues", nnz);
  k.latent_grads = args.out_floats("latentGrads", nnz);
  k.bias_grad = args.out_floats("biasGrad", k.d_sae);
  k.active_rows = args.out_ints("activeRows", k.d_sae);
  k.magnitudes = args.out_doubles("magnitudes", k.d_sae);
  return {[k]() mutable { kernels().transpose(k, pool()); }, {}};
}

Plan weighted_row_sum(const Arguments& args) {
  WeightedRowSum k{};
  k.rows = args.integer("rows");
  k.columns = args.positive("columns");
  k.matrix = args.floats("matrix", static_cast<std::size_t>(k.rows) * k.columns);
  k.weight = args.optional_floats("weight", k.rows);
  k.out = args.out_floats("out", k.columns);
  return {[k]() mutable { kernels().weighted_row_sum(k, pool()); }, {}};
}

AdamState read_state(const Arguments& state, std::size_t size) {
  return {state.out_floats("parameter", size), state.out_floats("m", size), state.out_floats("v", size)};
}

AdamOptions read_adam(const Arguments& args) {
  const Arguments adam = args.nested("adam");
  return {adam.real("lr"),  adam.real("beta1"),       adam.real("beta2"),
          adam.real("eps"), adam.real("correction1"), adam.real("correction2")};
}

struct UpdateState {
  Update kernel{};
  std::vector<SparseGradient> sources;
  EncoderPacking packing{};
};

std::shared_ptr<UpdateState> read_update(const Arguments& args, bool with_packing) {
  auto state = std::make_shared<UpdateState>();
  Update& k = state->kernel;
  k.d_in = args.positive("dIn");
  k.d_sae = args.positive("dSae");
  const std::size_t size = static_cast<std::size_t>(k.d_in) * k.d_sae;
  const int tying = args.integer("tying");
  if (tying > static_cast<int>(Tying::tied_normalized))
    args.refuse("tying", "an integer from 0 to 3", std::to_string(tying));
  k.tying = static_cast<Tying>(tying);
  if (k.tying != Tying::tied_normalized) k.encoder = read_state(args.nested("encoder"), size);
  if (k.tying != Tying::tied_raw) k.raw = read_state(args.nested("raw"), size);
  k.unit = args.out_floats("unit", size);
  if (k.tying == Tying::untied_unit) args.may_be_one(k.raw.parameter, k.unit);
  if (args.has("bias")) k.bias = read_state(args.nested("bias"), k.d_sae);
  if (k.bias.parameter) k.bias_grad = args.floats("biasGrad", k.d_sae);
  for (const Arguments& s : args.objects("sources")) {
    SparseGradient source{};
    source.latent_indptr = s.offsets("latentIndptr", static_cast<std::size_t>(k.d_sae));
    const std::size_t nnz = static_cast<std::size_t>(source.latent_indptr[k.d_sae]);
    source.x = s.floats("x", 0);
    source.residual = s.floats("residual", 0);
    const std::size_t elements = std::min(s.length("x"), s.length("residual"));
    source.rows = s.indices("rows", nnz, elements / static_cast<std::size_t>(k.d_in));
    source.latent_values = s.floats("latentValues", nnz);
    source.latent_grads = s.floats("latentGrads", nnz);
    source.residual_scale = s.real("residualScale");
    state->sources.push_back(source);
  }
  k.sources = state->sources.data();
  k.source_count = static_cast<int>(state->sources.size());
  k.dense_encoder = args.optional_floats("denseEncoder", size);
  k.dense_unit = args.optional_floats("denseUnit", size);
  k.dense_raw = args.optional_floats("denseRaw", size);
  if (k.tying != Tying::tied_normalized) k.kept_encoder = args.optional_out_floats("keptEncoder", size);
  if (k.tying != Tying::tied_raw) k.kept_raw = args.optional_out_floats("keptRaw", size);
  const bool without_encoder = k.tying != Tying::tied_normalized && !k.kept_encoder;
  const bool without_raw = k.tying != Tying::tied_raw && !k.kept_raw;
  if ((k.kept_encoder || k.kept_raw) && (without_encoder || without_raw))
    args.refuse(without_encoder ? "keptEncoder" : "keptRaw", "a Float32Array, as the other kept gradient is given,",
                "none");
  if (with_packing) {
    k.clip = args.real("clip");
    k.adam = read_adam(args);
    k.moved = args.optional_out_floats("moved", k.d_sae);
    if (args.has("packed")) {
      state->packing = read_packing(args);
      k.packing = &state->packing;
      k.packed = args.out_bytes("packed", state->packing.bytes);
    }
  }
  return state;
}

Plan update(const Arguments& args) {
  auto state = read_update(args, true);
  return {[state] { kernels().update(state->kernel, pool()); },
          [state](Napi::Env env) { return Napi::Number::New(env, state->kernel.bad_latent); }};
}

Plan gradient_norm(const Arguments& args) {
  auto state = read_update(args, false);
  float* norm2 = args.out_floats("norm2", state->kernel.d_sae);
  return {[state, norm2] {
    GradientNorm k{&state->kernel, norm2};
    kernels().gradient_norm(k, pool());
  }, {}};
}

Plan update_vector(const Arguments& args) {
  UpdateVector k{};
  k.n = args.integer("n");
  k.state = read_state(args, k.n);
  k.gradient = args.floats("gradient", k.n);
  k.clip = args.real("clip");
  k.adam = read_adam(args);
  return {[k]() mutable { kernels().update_vector(k, pool()); }, {}};
}

}  // namespace

void export_step(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "decode", decode);
  export_kernel(env, exports, "transpose", transpose);
  export_kernel(env, exports, "weightedRowSum", weighted_row_sum);
  export_kernel(env, exports, "update", update);
  export_kernel(env, exports, "gradientNorm", gradient_norm);
  export_kernel(env, exports, "updateVector", update_vector);
}

}  // namespace concord::node
