// Exact scores in float32: one chain of multiply-adds per score, in ascending order of input.
#pragma once
#include "../vec.hpp"

namespace concord::CONCORD_ISA {

struct Float32Micro {
  using Input = float;
  // Twelve, six or four rows by two vectors: as many accumulators as fit the register file.
  static constexpr int kRows = kLanes == 16 ? 12 : kLanes == 8 ? 6 : 4;
  static constexpr int kPanel = 2 * kLanes;
  static constexpr int kDepth = 1;
  static std::size_t panel_elements(int depth) { return static_cast<std::size_t>(depth) * kPanel; }
  static void begin() {}
  static void end() {}

  static void tile(const float* x, int stride, const float* panel, const float* bias, int depth, float* scores) {
    Vec s[kRows][2];
    for (int r = 0; r < kRows; r++) {
      s[r][0] = load(bias);
      s[r][1] = load(bias + kLanes);
    }
    for (int k = 0; k < depth; k++) {
      const Vec w0 = load(panel + k * kPanel), w1 = load(panel + k * kPanel + kLanes);
#pragma GCC unroll 12
      for (int r = 0; r < kRows; r++) {
        const Vec v = splat(x[static_cast<std::size_t>(r) * stride + k]);
        s[r][0] = fused(v, w0, s[r][0]);
        s[r][1] = fused(v, w1, s[r][1]);
      }
    }
    for (int r = 0; r < kRows; r++) {
      store(scores + r * kPanel, s[r][0]);
      store(scores + r * kPanel + kLanes, s[r][1]);
    }
  }
};

}  // namespace concord::CONCORD_ISA
