// Conversion between float32 and the 16-bit formats of stored rows, kLanes numbers at a time. To
// float32 it is exact; from float32 it rounds to nearest, ties to even. x86 has instructions for
// float16 (F16C, AVX-512); elsewhere it is integer arithmetic. The code uses intrinsics, because
// GCC 12 turns _Float16 loops into calls. Included once per instruction set.
#pragma once
#include <cstring>

#include "vec.hpp"
#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace concord::CONCORD_ISA {

typedef std::uint32_t BitsVec __attribute__((vector_size(kLanes * 4)));
typedef std::uint16_t HalfVec __attribute__((vector_size(kLanes * 2)));

inline HalfVec load_halves(const std::uint16_t* p) {
  HalfVec halves;
  std::memcpy(&halves, p, sizeof halves);
  return halves;
}
inline void store_halves(std::uint16_t* p, HalfVec halves) { std::memcpy(p, &halves, sizeof halves); }

inline Vec widen_bfloat16(HalfVec halves) { return (Vec)(__builtin_convertvector(halves, BitsVec) << 16); }

inline HalfVec narrow_bfloat16(Vec v) {
  const BitsVec bits = (BitsVec)v;
  const BitsVec rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const BitsVec quiet = bits >> 16 | 0x40;
  return __builtin_convertvector(v != v ? quiet : rounded, HalfVec);
}

#if defined(__F16C__)

inline Vec widen_float16(HalfVec halves) {
#if defined(__AVX512F__)
  // The masked form with all lanes set: in the plain form GCC 12 warns of its own uninitialised
  // value.
  return (Vec)_mm512_maskz_cvtph_ps(0xffff, (__m256i)halves);
#else
  return (Vec)_mm256_cvtph_ps((__m128i)halves);
#endif
}

inline HalfVec narrow_float16(Vec v) {
#if defined(__AVX512F__)
  return (HalfVec)_mm512_maskz_cvtps_ph(0xffff, (__m512)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  return (HalfVec)_mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#endif
}

#else

inline Vec widen_float16(HalfVec halves) {
  const BitsVec wide = __builtin_convertvector(halves, BitsVec);
  const IntVec magnitude = (IntVec)(wide & 0x7fff);
  // Exponents move from a bias of 15 to one of 127. The largest exponent, which means infinity or
  // NaN, stays the largest.
  const IntVec shift = magnitude >= 0x7c00 ? IntVec{} + (224 << 23) : IntVec{} + (112 << 23);
  const IntVec normal = (magnitude << 13) + shift;
  const IntVec subnormal = (IntVec)(__builtin_convertvector(magnitude, Vec) * 0x1p-24f);
  return (Vec)((BitsVec)(magnitude < 0x400 ? subnormal : normal) | (wide & 0x8000) << 16);
}

inline HalfVec narrow_float16(Vec v) {
  const BitsVec bits = (BitsVec)v;
  const BitsVec sign = bits >> 16 & 0x8000;
  const IntVec magnitude = (IntVec)(bits & 0x7fffffff);
  const IntVec normal = (magnitude + 0xfff + (magnitude >> 13 & 1) - (112 << 23)) >> 13;
  // Numbers below 2^-14 are multiples of 2^-24, the last place of 1/2, so the addition rounds.
  const IntVec subnormal = (IntVec)((Vec)magnitude + 0.5f) - 0x3f000000;
  IntVec half = magnitude < 0x38800000 ? subnormal : normal;
  half = magnitude >= 0x47800000 ? IntVec{} + 0x7c00 : half;
  half = magnitude > 0x7f800000 ? IntVec{} + 0x7e00 : half;
  return __builtin_convertvector((BitsVec)half | sign, HalfVec);
}

#endif

}  // namespace concord::CONCORD_ISA
