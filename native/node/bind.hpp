// Readers that several bindings share.
#pragma once
#include "arguments.hpp"
#include "concord/encode.hpp"

namespace concord::node {

/// The packing of {dIn, dSae, k}. It is computed again instead of passed, so that JavaScript cannot
/// get it wrong.
EncoderPacking read_packing(const Arguments& args);

/// {screen, panel, bytes}; `bytes` includes room for alignment.
Napi::Object describe(Napi::Env env, const EncoderPacking& packing);

}  // namespace concord::node
