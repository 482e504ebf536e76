// The bfloat16 format of the screen.
#pragma once
#include <cstring>

#include "rounding.hpp"

namespace concord::CONCORD_ISA {

/// Rounds to nearest even. Subnormals become zero, as in the matrix instructions.
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

/// Rows as bfloat16, and panels of columns as [depth / 2][kPanel][2], the layout of instructions
/// that multiply pairs.
struct Bf16Format {
  using Input = std::uint16_t;
  static constexpr int kPanel = 32;
  static constexpr int kDepth = 32;

  static int blocks(int) { return 1; }
  static int row_elements(int d_padded) { return d_padded; }
  static std::size_t panel_elements(int d_padded) { return static_cast<std::size_t>(d_padded) * kPanel; }

  /// Converts n values, pads with zeros, and measures the rounding error.
  static void convert_row(const float* a, int n, int d_padded, Input* out, RoundingNorms* norms) {
    SquareSums sums;
    for (int i = 0; i < n; i += kLanes) {
      float became[kLanes] = {};
      const int count = n - i < kLanes ? n - i : kLanes;
      for (int q = 0; q < count; q++) {
        out[i + q] = to_bf16(a[i + q]);
        became[q] = from_bf16(out[i + q]);
      }
      sums.add(load_some(a + i, n - i), load(became));
    }
    for (int i = n; i < d_padded; i++) out[i] = 0;
    *norms = sums.norms(n);
  }

  /// Packs column f of a panel; `row` is scratch of row_elements().
  static void pack_row(const float* w, int n, int d_padded, int f, Input* panel, RoundingNorms* norms, Input* row) {
    convert_row(w, n, d_padded, row, norms);
    for (int pair = 0; pair < d_padded / 2; pair++) std::memcpy(panel + 2 * (pair * kPanel + f), row + 2 * pair, 4);
  }
};

}  // namespace concord::CONCORD_ISA
