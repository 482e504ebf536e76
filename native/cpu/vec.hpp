// Short vectors of float for the instruction set of this translation unit, and the row primitives
// that all kernels share. Included only by files that are compiled once per instruction set.
// CONCORD_ISA names the namespace, so no two instruction sets share a symbol. For the same reason,
// neither this file nor the kernels use templates of the standard library. The linker could keep
// the AVX-512 copy of one for an old processor.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#ifndef CONCORD_ISA
#error "CONCORD_ISA must name the namespace of the instruction set"
#endif

namespace concord::CONCORD_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Vec __attribute__((vector_size(kLanes * 4)));
typedef float UnalignedVec __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef std::int32_t IntVec __attribute__((vector_size(kLanes * 4)));

inline Vec load(const float* p) { return *reinterpret_cast<const UnalignedVec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<UnalignedVec*>(p) = v; }
inline Vec splat(float x) {
#if defined(__AVX512F__)
  return _mm512_set1_ps(x);
#elif defined(__AVX2__)
  return _mm256_set1_ps(x);
#else
  return Vec{x, x, x, x};
#endif
}

/// c + a b, rounded once where the instruction set has a fused multiply-add. With `c += a * b` the
/// compiler chooses: it may fuse in one function but not in another, and the same product would
/// then have two values.
inline Vec fused(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__ARM_NEON) && defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return c + a * b;
#endif
}

/// Sum of the lanes. Halves are added pairwise, so the order is fixed for an instruction set. It
/// uses intrinsics where they exist: GCC adds lanes through memory, which takes longer than the
/// multiplications of a short dot product.
inline float sum_lanes(Vec v) {
#if defined(__AVX2__)
#if defined(__AVX512F__)
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
#else
  const __m256 eight = v;
#endif
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
#else
  float lane[kLanes];
  store(lane, v);
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  return lane[0];
#endif
}

inline Vec sqrt_lanes(Vec v) {
  float lane[kLanes];
  store(lane, v);
  for (int i = 0; i < kLanes; i++) lane[i] = std::sqrt(lane[i]);
  return load(lane);
}

/// The n < kLanes numbers at p, followed by zeros.
inline Vec load_tail(const float* p, int n) {
  float lane[kLanes] = {};
  for (int i = 0; i < n; i++) lane[i] = p[i];
  return load(lane);
}

/// A vector of the next numbers at p, of which n are left; zeros follow the last.
inline Vec load_some(const float* p, int n) { return n >= kLanes ? load(p) : load_tail(p, n); }

/// Inner product in the kernels' canonical order: two interleaved vector accumulators, with the
/// tail padded by zeros. dot() and dot4() give the same value wherever they are compiled.
inline float dot(const float* a, const float* b, int n) {
  Vec s0{}, s1{};
  int i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    s0 = fused(load(a + i), load(b + i), s0);
    s1 = fused(load(a + i + kLanes), load(b + i + kLanes), s1);
  }
  if (i + kLanes <= n) {
    s0 = fused(load(a + i), load(b + i), s0);
    i += kLanes;
  }
  if (i < n) s1 = fused(load_tail(a + i, n - i), load_tail(b + i, n - i), s1);
  return sum_lanes(s0 + s1);
}

/// Four inner products with one vector, each in the order of dot().
inline void dot4(const float* a, const float* const b[4], int n, float out[4]) {
  Vec s[4][2];
  for (auto& pair : s) pair[0] = pair[1] = Vec{};
  int i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const Vec a0 = load(a + i), a1 = load(a + i + kLanes);
#pragma GCC unroll 4
    for (int q = 0; q < 4; q++) {
      s[q][0] = fused(a0, load(b[q] + i), s[q][0]);
      s[q][1] = fused(a1, load(b[q] + i + kLanes), s[q][1]);
    }
  }
  if (i + kLanes <= n) {
    const Vec a0 = load(a + i);
#pragma GCC unroll 4
    for (int q = 0; q < 4; q++) s[q][0] = fused(a0, load(b[q] + i), s[q][0]);
    i += kLanes;
  }
  if (i < n) {
    const Vec a1 = load_tail(a + i, n - i);
    for (int q = 0; q < 4; q++) s[q][1] = fused(a1, load_tail(b[q] + i, n - i), s[q][1]);
  }
  for (int q = 0; q < 4; q++) out[q] = sum_lanes(s[q][0] + s[q][1]);
}

inline void prefetch_row(const float* row, int n) {
  for (int i = 0; i < n; i += 16) __builtin_prefetch(row + i, 0, 3);
}

/// out[j] += a row[j]
inline void add_scaled(float* out, float a, const float* row, int n) {
  const Vec v = splat(a);
  int j = 0;
  for (; j + kLanes <= n; j += kLanes) store(out + j, load(out + j) + v * load(row + j));
  for (; j < n; j++) out[j] += a * row[j];
}

/// out[j] += sum over i < count of scale(i) * row(i)[j], for kVectors vectors of j starting at
/// `first`. The sums stay in registers.
template <int kVectors, class Row, class Scale>
inline void add_columns(float* out, int count, int first, Row row, Scale scale) {
  constexpr int kAhead = 4;
  Vec s[kVectors];
#pragma GCC unroll 16
  for (int q = 0; q < kVectors; q++) s[q] = load(out + first + q * kLanes);
  for (int i = 0; i < count; i++) {
    if (i + kAhead < count) prefetch_row(row(i + kAhead) + first, kVectors * kLanes);
    const float* r = row(i) + first;
    const Vec v = splat(scale(i));
#pragma GCC unroll 16
    for (int q = 0; q < kVectors; q++) s[q] += v * load(r + q * kLanes);
  }
#pragma GCC unroll 16
  for (int q = 0; q < kVectors; q++) store(out + first + q * kLanes, s[q]);
}

/// out += sum over i < count of scale(i) * row(i), in ascending order of i.
template <class Row, class Scale>
inline void add_rows(float* out, int count, int n, Row row, Scale scale) {
  // As many as leave registers for the other values.
  constexpr int kMost = kLanes == 16 ? 16 : 8;
  int j = 0;
  for (; j + kMost * kLanes <= n; j += kMost * kLanes) add_columns<kMost>(out, count, j, row, scale);
  for (; j + 4 * kLanes <= n; j += 4 * kLanes) add_columns<4>(out, count, j, row, scale);
  for (; j + kLanes <= n; j += kLanes) add_columns<1>(out, count, j, row, scale);
  for (; j < n; j++)
    for (int i = 0; i < count; i++) out[j] += scale(i) * row(i)[j];
}

/// 1 / ||row||: zero for a row of zeros, and NaN when the norm exceeds float32, so that an overflow
/// is not taken for zero.
inline float inverse_norm(const float* row, int n) {
  const float norm = std::sqrt(dot(row, row, n));
  return norm > 0.0f ? (norm <= 3.402823466e38f ? 1.0f / norm : __builtin_nanf("")) : 0.0f * norm;
}

inline void fill(float* out, float value, int n) {
  for (int j = 0; j < n; j++) out[j] = value;
}

}  // namespace concord::CONCORD_ISA
