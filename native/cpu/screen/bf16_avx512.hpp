// bfloat16 scores with AVX512-BF16's dot product of pairs. On Zen 5 it runs at twice the float32
// rate. On processors with AMX it runs at half the float32 rate, so the tile unit is used there.
#pragma once
#include <immintrin.h>

#include "bf16.hpp"

namespace concord::CONCORD_ISA {

struct Bf16Avx512Micro : Bf16Format {
  static constexpr int kRows = 12;
  static void begin() {}
  static void end() {}

  /// `panel` is [depth / 2][kPanel][2].
  static void tile(const std::uint16_t* x, int stride, const std::uint16_t* panel, const float* bias, int depth,
                   float* scores) {
    __m512 s[kRows][2];
    for (int r = 0; r < kRows; r++) {
      s[r][0] = _mm512_loadu_ps(bias);
      s[r][1] = _mm512_loadu_ps(bias + 16);
    }
    for (int pair = 0; pair < depth / 2; pair++) {
      const __m512bh w0 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(panel + pair * 64));
      const __m512bh w1 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(panel + pair * 64 + 32));
#pragma GCC unroll 12
      for (int r = 0; r < kRows; r++) {
        std::int32_t two;
        std::memcpy(&two, x + static_cast<std::size_t>(r) * stride + 2 * pair, 4);
        const __m512bh v = reinterpret_cast<__m512bh>(_mm512_set1_epi32(two));
        s[r][0] = _mm512_dpbf16_ps(s[r][0], v, w0);
        s[r][1] = _mm512_dpbf16_ps(s[r][1], v, w1);
      }
    }
    for (int r = 0; r < kRows; r++) {
      _mm512_storeu_ps(scores + r * kPanel, s[r][0]);
      _mm512_storeu_ps(scores + r * kPanel + 16, s[r][1]);
    }
  }
};

}  // namespace concord::CONCORD_ISA
