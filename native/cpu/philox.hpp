// Philox4x32-10 for a run of consecutive blocks, and the numbers made from its words. Included once
// per instruction set.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "concord/random.hpp"
#include "vec.hpp"
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace concord::CONCORD_ISA {

/// Blocks computed at a time: the compiler can then keep one word of each in a vector.
constexpr int kBlocks = 16;
constexpr int kWords = 4 * kBlocks;

typedef std::uint64_t WideVec __attribute__((vector_size(kLanes * 4)));

/// Products of the lower halves of the lanes. Intrinsics, because compilers emit three
/// multiplications or shuffles for it.
inline WideVec multiply_low(WideVec a, WideVec b) {
#if defined(__AVX512F__)
  return (WideVec)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (WideVec)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (WideVec)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

/// Words of blocks first .. first + kBlocks - 1, in the order of their positions. Each 64-bit lane
/// holds one block; the upper halves of the counters are never used.
inline void philox_words(RandomKey key, std::uint64_t first, std::uint32_t out[kWords]) {
  constexpr int kWide = kLanes / 2, kVecs = kBlocks / kWide;
  WideVec lane{}, c0[kVecs], c1[kVecs], c2[kVecs], c3[kVecs];
  for (int i = 0; i < kWide; i++) lane[i] = static_cast<std::uint64_t>(i);
  for (int v = 0; v < kVecs; v++) {
    c0[v] = lane + (first + static_cast<std::uint64_t>(v * kWide));
    c1[v] = c0[v] >> 32;
    c2[v] = c3[v] = WideVec{};
  }
  const WideVec m0 = WideVec{} + 0xd2511f53u, m1 = WideVec{} + 0xcd9e8d57u;
  std::uint32_t k0 = key.k0, k1 = key.k1;
  for (int round = 0; round < 10; round++) {
    for (int v = 0; v < kVecs; v++) {
      const WideVec p0 = multiply_low(c0[v], m0), p1 = multiply_low(c2[v], m1);
      c0[v] = (p1 >> 32) ^ c1[v] ^ (WideVec{} + k0);
      c2[v] = (p0 >> 32) ^ c3[v] ^ (WideVec{} + k1);
      c1[v] = p1;
      c3[v] = p0;
    }
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  for (int v = 0; v < kVecs; v++)
    for (int i = 0; i < kWide; i++) {
      std::uint32_t* words = out + 4 * (v * kWide + i);
      words[0] = static_cast<std::uint32_t>(c0[v][i]);
      words[1] = static_cast<std::uint32_t>(c1[v][i]);
      words[2] = static_cast<std::uint32_t>(c2[v][i]);
      words[3] = static_cast<std::uint32_t>(c3[v][i]);
    }
}

inline float uniform_of(std::uint32_t word) {
  return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f;
}

/// Natural logarithm of x in (0, 1], relative error below 2e-7. log x = e log 2 + 2 atanh((m - 1) /
/// (m + 1)).
inline float log_of(float x) {
  std::int32_t bits;
  std::memcpy(&bits, &x, 4);
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const std::int32_t shifted = bits - 0x3f3504f3;
  const std::int32_t exponent = shifted >> 23;
  const std::int32_t mantissa_bits = (shifted & 0x007fffff) + 0x3f3504f3;
  float m;
  std::memcpy(&m, &mantissa_bits, 4);
  const float s = (m - 1.0f) / (m + 1.0f), t = s * s;
  const float series = 2.0f * s * (1.0f + t * (0.333333333f + t * (0.2f + t * (0.142857143f + t * 0.111111111f))));
  return static_cast<float>(exponent) * 0.693147181f + series;
}

/// cos(2 pi v) and sin(2 pi v) for v in [0, 1], absolute error below 3e-7.
inline void cos_sin_of_turns(float v, float& cosine, float& sine) {
  const std::int32_t quarter = static_cast<std::int32_t>(4.0f * v + 0.5f);
  const float a = (v - 0.25f * static_cast<float>(quarter)) * 6.283185307f;  // [-pi/4, pi/4]
  const float t = a * a;
  const float s = a * (1.0f + t * (-0.166666667f + t * (0.00833333333f + t * (-0.000198412698f + t * 2.75573192e-6f))));
  const float c = 1.0f + t * (-0.5f + t * (0.0416666667f + t * (-0.00138888889f + t * 2.48015873e-5f)));
  const bool swap = quarter & 1;
  const float sin_part = swap ? c : s, cos_part = swap ? s : c;
  sine = quarter & 2 ? -sin_part : sin_part;
  cosine = (quarter + 1) & 2 ? -cos_part : cos_part;
}

/// Numbers of kWords consecutive positions that start at block `first`.
inline void random_words(RandomKey key, std::uint64_t first, bool normal, float scale, float out[kWords]) {
  std::uint32_t words[kWords];
  philox_words(key, first, words);
  if (!normal) {
    for (int i = 0; i < kWords; i++) out[i] = scale * uniform_of(words[i]);
    return;
  }
  float cosine[kWords / 2], sine[kWords / 2];
  for (int i = 0; i < kWords / 2; i++) {
    const float u = (static_cast<float>(static_cast<std::int32_t>(words[2 * i] >> 8)) + 0.5f) * 0x1p-24f;
    const float radius = scale * std::sqrt(-2.0f * log_of(u));
    float c, s;
    cos_sin_of_turns(uniform_of(words[2 * i + 1]), c, s);
    cosine[i] = radius * c;
    sine[i] = radius * s;
  }
  for (int i = 0; i < kWords / 2; i++) {
    out[2 * i] = cosine[i];
    out[2 * i + 1] = sine[i];
  }
}

}  // namespace concord::CONCORD_ISA
