// The best scores of one row so far, appended in ascending order of column.
#pragma once
#include <cstring>

#include "../vec.hpp"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace concord::CONCORD_ISA {

/// Maps a float, not NaN, to an integer with the same order.
inline std::int32_t ordered_key(float value) {
  std::int32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

inline float from_ordered_key(std::int32_t key) {
  const std::int32_t bits = key ^ ((key >> 31) & 0x7fffffff);
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

/// A buffer that holds at least the `keep` largest scores seen, ties to the lower column. `values`
/// and `indices` have capacity() elements each. Candidates are in ascending order of column. A NaN
/// has no place in the order of scores: append() lets it in, and shrink() removes and records it.
struct Candidates {
  float* values;
  std::int32_t* indices;
  float threshold;  // scores that are not above it cannot be among the `keep` largest
  int count;
  bool nan;  // a score was NaN

  /// More room means fewer shrinks, but a threshold that lags behind.
  static constexpr int kRoom = 192;

  /// `block` is the largest number of scores that one append() may add.
  static int limit(int keep, int block) { return (keep + (keep < kRoom ? keep : kRoom) + 64 + block + 15) / 16 * 16; }
  static int capacity(int keep, int block) { return limit(keep, block) + block + kLanes; }

  /// Adds those of scores[0 .. n) that are above the threshold, or NaN. scores[i] belongs to column
  /// first + i.
  void append(const float* scores, int n, std::int32_t first) {
    int i = 0;
#if defined(__AVX512F__)
    const __m512 bound = _mm512_set1_ps(threshold);
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    // Most panels have none.
    if (n == 32 && (_mm512_cmp_ps_mask(_mm512_loadu_ps(scores), bound, _CMP_NLE_UQ) |
                    _mm512_cmp_ps_mask(_mm512_loadu_ps(scores + 16), bound, _CMP_NLE_UQ)) == 0)
      return;
    for (; i + 16 <= n; i += 16) {
      const __m512 s = _mm512_loadu_ps(scores + i);
      const __mmask16 above = _mm512_cmp_ps_mask(s, bound, _CMP_NLE_UQ);
      if (above == 0) continue;
      // Whole vectors are written, past the end of the list. Compressing straight to memory takes
      // Zen 4 over a hundred cycles.
      _mm512_storeu_ps(values + count, _mm512_maskz_compress_ps(above, s));
      _mm512_storeu_si512(indices + count,
                          _mm512_maskz_compress_epi32(above, _mm512_add_epi32(lanes, _mm512_set1_epi32(first + i))));
      count += __builtin_popcount(above);
    }
#elif defined(__AVX2__)
    const __m256 bound = _mm256_set1_ps(threshold);
    for (; i + 8 <= n; i += 8) {
      unsigned above =
          static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(scores + i), bound, _CMP_NLE_UQ)));
      for (; above; above &= above - 1) {
        const int q = __builtin_ctz(above);
        values[count] = scores[i + q];
        indices[count++] = first + i + q;
      }
    }
#endif
    for (; i < n; i++)
      if (!(scores[i] <= threshold)) {
        values[count] = scores[i];
        indices[count++] = first + i;
      }
  }

  /// The k-th largest score of at least k candidates, none of them NaN. It is the largest bound
  /// that k of them reach, found bit by bit.
  float kth_largest(int k) {
    pad();
    std::int32_t best = INT32_MIN;
    for (int bit = 31; bit >= 0; bit--) {
      const std::int32_t trial =
          bit == 31 ? 0 : static_cast<std::int32_t>(static_cast<std::uint32_t>(best) | (1u << bit));
      const int reached = count_at_least(from_ordered_key(trial));
      if (reached < k) continue;
      best = trial;
      if (reached == k) break;
    }
    const float bound = from_ordered_key(best);
    Vec lowest = splat(__builtin_inff());
    const Vec b = splat(bound);
    for (int i = 0; i < count; i += kLanes) {
      const Vec v = load(values + i);
      lowest = (v >= b) & (v < lowest) ? v : lowest;
    }
    float least = lowest[0];
    for (int q = 1; q < kLanes; q++) least = lowest[q] < least ? lowest[q] : least;
    return least;
  }

  /// Drops NaN and every score more than `slack` below the k-th largest, and raises the threshold
  /// to that bound. When more than `most` remain, the largest stay, and the threshold is the
  /// smallest of them.
  void shrink_to_band(int k, float slack, int most) {
    if (holds_nan()) drop_nan();
    if (count < k) return;
    const float bound = kth_largest(k) - slack;
    if (!(count_at_least(bound) <= most)) return shrink(most);
    int kept = 0, i = 0;
#if defined(__AVX512F__)
    const __m512 b = _mm512_set1_ps(bound);
    for (; i + 16 <= count; i += 16) {
      const __m512 v = _mm512_loadu_ps(values + i);
      const __m512i latents = _mm512_loadu_si512(indices + i);
      const __mmask16 lanes = _mm512_cmp_ps_mask(v, b, _CMP_GE_OQ);
      // Elements overwritten here have already been read.
      _mm512_storeu_ps(values + kept, _mm512_maskz_compress_ps(lanes, v));
      _mm512_storeu_si512(indices + kept, _mm512_maskz_compress_epi32(lanes, latents));
      kept += __builtin_popcount(lanes);
    }
#endif
    for (; i < count; i++) {
      values[kept] = values[i];
      indices[kept] = indices[i];
      kept += values[i] >= bound;
    }
    count = kept;
    if (bound > threshold) threshold = bound;
  }

  /// Drops NaN and all but the `keep` largest. When that many are left, raises the threshold to the
  /// smallest of them.
  void shrink(int keep) {
    if (holds_nan()) drop_nan();
    if (count < keep) return;
    threshold = kth_largest(keep);
    int ties_left = keep, kept = 0;
    for (int i = 0; i < count; i++) ties_left -= values[i] > threshold;
    int i = 0;
#if defined(__AVX512F__)
    const __m512 bound = _mm512_set1_ps(threshold);
    for (; i + 16 <= count; i += 16) {
      const __m512 v = _mm512_loadu_ps(values + i);
      unsigned tied = _mm512_cmp_ps_mask(v, bound, _CMP_EQ_OQ);
      const unsigned above = _mm512_cmp_ps_mask(v, bound, _CMP_NLT_UQ) & ~tied;
      while (__builtin_popcount(tied) > (ties_left > 0 ? ties_left : 0)) tied &= ~(0x80000000u >> __builtin_clz(tied));
      ties_left -= __builtin_popcount(tied);
      const auto kept_lanes = static_cast<__mmask16>(above | tied);
      // Elements overwritten here have already been read.
      const __m512i latents = _mm512_loadu_si512(indices + i);
      _mm512_storeu_ps(values + kept, _mm512_maskz_compress_ps(kept_lanes, v));
      _mm512_storeu_si512(indices + kept, _mm512_maskz_compress_epi32(kept_lanes, latents));
      kept += __builtin_popcount(kept_lanes);
    }
#endif
    for (; i < count; i++) {
      const float value = values[i];
      if (value < threshold || (value == threshold && ties_left-- <= 0)) continue;
      values[kept] = value;
      indices[kept++] = indices[i];
    }
    count = kept;
  }

 private:
  /// Fills the last vector with a value below every score.
  void pad() {
    for (int i = count; i % kLanes; i++) values[i] = -__builtin_inff();
  }

  bool holds_nan() {
    pad();
    IntVec found{};
    for (int i = 0; i < count; i += kLanes) {
      const Vec v = load(values + i);
      found |= v != v;
    }
    std::int32_t any = 0;
    for (int q = 0; q < kLanes; q++) any |= found[q];
    return any != 0;
  }

  void drop_nan() {
    nan = true;
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (values[i] != values[i]) continue;
      values[kept] = values[i];
      indices[kept++] = indices[i];
    }
    count = kept;
  }

  int count_at_least(float bound) const {
    int sum = 0;
#if defined(__AVX512F__)
    const __m512 b = _mm512_set1_ps(bound);
    for (int i = 0; i < count; i += 16)
      sum += __builtin_popcount(_mm512_cmp_ps_mask(_mm512_loadu_ps(values + i), b, _CMP_GE_OQ));
#else
    IntVec total{};
    const Vec b = splat(bound);
    for (int i = 0; i < count; i += kLanes) total -= load(values + i) >= b;
    for (int q = 0; q < kLanes; q++) sum += total[q];
#endif
    return sum;
  }
};

}  // namespace concord::CONCORD_ISA
