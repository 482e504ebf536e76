// Bindings of concord/encode.hpp.
#include <napi.h>

#include <algorithm>
#include <memory>

#include "bind.hpp"
#include "state.hpp"
#include "task.hpp"

namespace concord::node {

EncoderPacking read_packing(const Arguments& args) {
  return kernels().encoder_packing(args.positive("dIn"), args.positive("dSae"), args.integer("k"));
}

Napi::Object describe(Napi::Env env, const EncoderPacking& packing) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("screen", packing.screen);
  result.Set("panel", packing.panel);
  result.Set("bytes", static_cast<double>(packing.bytes));
  return result;
}

namespace {

/// encoderPacking({dIn, dSae, k}) → {screen, panel, bytes}; synchronous.
Napi::Value encoder_packing(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    return describe(env, read_packing(options_of("encoderPacking", info)));
  } catch (const Error& error) {
    throw to_javascript(env, error.code(), error.what());
  }
}

Plan pack_encoder(const Arguments& args) {
  const EncoderPacking packing = read_packing(args);
  const int d_in = args.positive("dIn"), d_sae = args.positive("dSae");
  const float* W = args.floats("W", static_cast<std::size_t>(d_in) * d_sae);
  void* packed = args.out_bytes("packed", packing.bytes);
  return {[=] { kernels().pack_encoder(packing, W, d_in, d_sae, nullptr, packed, pool()); }, {}};
}

Plan encode_topk(const Arguments& args) {
  struct State {
    EncoderPacking packing;
    EncodeTopK kernel;
  };
  auto state = std::make_shared<State>();
  state->packing = read_packing(args);
  EncodeTopK& k = state->kernel;
  k.batch = args.integer("batch");
  k.d_in = args.positive("dIn");
  k.d_sae = args.positive("dSae");
  k.k = args.integer("k");
  k.margin = args.integer("margin");
  k.relu = args.flag("relu");
  if (k.k < 1 || k.k > k.d_sae)
    throw Error("argument/invalid", "[encodeTopK] Expected k from 1 to d_sae (" + std::to_string(k.d_sae) +
                                        ") but received " + std::to_string(k.k) + ".");
  // The result is the same for any margin, and there are no more candidates than latents.
  k.margin = std::min(k.margin, k.d_sae - k.k);
  k.x = args.floats("x", static_cast<std::size_t>(k.batch) * k.d_in);
  k.W = args.floats("W", static_cast<std::size_t>(k.d_sae) * k.d_in);
  k.bias = args.optional_floats("bias", k.d_sae);
  k.packed = args.bytes("packed", state->packing.bytes);
  k.indices = args.out_ints("indices", static_cast<std::size_t>(k.batch) * k.k);
  k.values = args.out_floats("values", static_cast<std::size_t>(k.batch) * k.k);
  k.packing = &state->packing;
  return {[state] { kernels().encode_topk(state->kernel, pool()); },
          [state](Napi::Env env) { return Napi::Number::New(env, state->kernel.redone_rows); }};
}

Plan encode_positive(const Arguments& args) {
  struct State {
    EncoderPacking packing;
    EncodePositive kernel;
  };
  auto state = std::make_shared<State>();
  EncodePositive& k = state->kernel;
  k.batch = args.integer("batch");
  k.d_in = args.positive("dIn");
  k.d_sae = args.positive("dSae");
  state->packing = kernels().encoder_packing(k.d_in, k.d_sae, 0);
  k.x = args.floats("x", static_cast<std::size_t>(k.batch) * k.d_in);
  k.W = args.floats("W", static_cast<std::size_t>(k.d_sae) * k.d_in);
  k.bias = args.optional_floats("bias", k.d_sae);
  k.packed = args.bytes("packed", state->packing.bytes);
  k.indptr = args.out_ints("indptr", static_cast<std::size_t>(k.batch) + 1);
  k.indices = args.out_ints("indices", 0);
  k.values = args.out_floats("values", args.length("indices"));
  k.capacity = static_cast<long>(args.length("indices"));
  k.packing = &state->packing;
  return {[state] { kernels().encode_positive(state->kernel, pool()); },
          [state](Napi::Env env) { return Napi::Number::New(env, static_cast<double>(state->kernel.nnz)); }};
}

}  // namespace

void export_encode(Napi::Env env, Napi::Object exports) {
  exports.Set("encoderPacking", Napi::Function::New(env, encoder_packing, "encoderPacking"));
  export_kernel(env, exports, "packEncoder", pack_encoder);
  export_kernel(env, exports, "encodeTopK", encode_topk);
  export_kernel(env, exports, "encodePositive", encode_positive);
}

}  // namespace concord::node
