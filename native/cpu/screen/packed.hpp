// The screen of this build, and the layout of weights packed for it.
#pragma once
#include "concord/encode.hpp"
#include "float32.hpp"

#if defined(CONCORD_SCREEN_INT8)
#include "../screen/int8_avx512.hpp"
#elif defined(CONCORD_SCREEN_BF16)
#include "../screen/bf16_avx512.hpp"
#elif defined(CONCORD_SCREEN_AMX)
#include "../screen/bf16_amx.hpp"
#endif

namespace concord::CONCORD_ISA {

#if defined(CONCORD_SCREEN_INT8)
using ScreenMicro = Int8Avx512Micro;
constexpr const char* kScreen = "int8";
#elif defined(CONCORD_SCREEN_BF16)
using ScreenMicro = Bf16Avx512Micro;
constexpr const char* kScreen = "bfloat16";
#elif defined(CONCORD_SCREEN_AMX)
using ScreenMicro = Bf16AmxMicro;
constexpr const char* kScreen = "bfloat16";
#endif

#if defined(CONCORD_SCREEN_INT8) || defined(CONCORD_SCREEN_BF16) || defined(CONCORD_SCREEN_AMX)
#define CONCORD_HAS_SCREEN 1
#endif

inline std::size_t whole_lines(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

inline std::size_t latents_of(const EncoderPacking& packing) {
  return static_cast<std::size_t>(packing.panels) * packing.panel;
}

/// Layout of packed weights: for a rounded packing, the norms of every block of every column; then
/// the panels.
struct Packed {
  float* error_norm;    // [blocks][latents]  ||W_f - W_f'||, W_f' being the latent as it was rounded
  float* rounded_norm;  // [blocks][latents]  ||W_f'||
  void* panels;
};

inline Packed view(const EncoderPacking& packing, const void* packed) {
  char* base = static_cast<char*>(const_cast<void*>(packed));
  const std::size_t norms = latents_of(packing) * packing.blocks;
  return {reinterpret_cast<float*>(base), reinterpret_cast<float*>(base) + norms,
          base + whole_lines(2 * norms * sizeof(float))};
}

}  // namespace concord::CONCORD_ISA
