// bfloat16 rounding with the rounding error measured, for the certificate of encode_topk.
#pragma once
#include <cstring>

#include "../vec.hpp"

namespace concord::CONCORD_ISA {

/// Rounds to nearest even; subnormals become zero, as the matrix instructions treat them.
inline std::uint16_t to_bf16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  bits += 0x7fffu + ((bits >> 16) & 1u);
  bits &= 0xffff0000u;
  if ((bits & 0x7f800000u) == 0) bits = 0;
  return static_cast<std::uint16_t>(bits >> 16);
}

inline float from_bf16(std::uint16_t half) {
  const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

struct RoundingNorms {
  float exact;    // ||a||
  float error;    // ||a - bf16(a)||
  float rounded;  // ||bf16(a)||
};

/// Converts n values, pads with zeros to n_padded, and measures what was lost. The norms are rounded up by a relative 1e-5
/// to cover the float32 sums they are made with.
inline RoundingNorms convert_row(const float* a, int n, int n_padded, std::uint16_t* out) {
  // Sixteen partial sums, so that the compiler can keep them in vectors.
  float exact[16] = {}, error[16] = {}, rounded[16] = {};
  int i = 0;
  for (; i + 16 <= n; i += 16)
    for (int q = 0; q < 16; q++) {
      const std::uint16_t half = to_bf16(a[i + q]);
      const float r = from_bf16(half), e = a[i + q] - r;
      out[i + q] = half;
      exact[q] += a[i + q] * a[i + q];
      error[q] += e * e;
      rounded[q] += r * r;
    }
  for (; i < n; i++) {
    out[i] = to_bf16(a[i]);
    const float r = from_bf16(out[i]), e = a[i] - r;
    exact[0] += a[i] * a[i];
    error[0] += e * e;
    rounded[0] += r * r;
  }
  for (; i < n_padded; i++) out[i] = 0;
  float sums[3] = {};
  for (int q = 0; q < 16; q++) {
    sums[0] += exact[q];
    sums[1] += error[q];
    sums[2] += rounded[q];
  }
  const float up = 1.00001f;
  return {std::sqrt(sums[0]) * up, std::sqrt(sums[1]) * up, std::sqrt(sums[2]) * up};
}

}  // namespace concord::CONCORD_ISA
