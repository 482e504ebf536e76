// The eight-bit format of the screen: integers with a scale for every 128 inputs, so that one large input coarsens its neighbours only.
#pragma once
#include <cstring>

#include "rounding.hpp"

namespace concord::CONCORD_ISA {

/// Rows as signed bytes, [d_padded] and behind them a BlockFacts for each block; latents as unsigned bytes, 128 standing for zero,
/// block by block [depth of the block / 4][kPanel][4] and behind that the block's scales [kPanel]: the instructions multiply a
/// signed by an unsigned byte.
struct Int8Format {
  using Input = std::int8_t;
  static constexpr int kPanel = 32;
  static constexpr int kDepth = 4;
  static constexpr int kBlock = 128;
  static constexpr int kPanelBlock = kBlock * kPanel + kPanel * 4;

  struct BlockFacts {
    float scale;
    std::int32_t offset;  // -128 times the sum of the block's bytes: what the latents' 128 adds to every product, taken back
  };

  static int blocks(int d_padded) { return (d_padded + kBlock - 1) / kBlock; }
  static int row_elements(int d_padded) { return d_padded + blocks(d_padded) * static_cast<int>(sizeof(BlockFacts)); }
  static std::size_t panel_elements(int d_padded) {
    return static_cast<std::size_t>(d_padded) * kPanel + static_cast<std::size_t>(blocks(d_padded)) * kPanel * 4;
  }
  static int depth_of(int block, int d_padded) {
    const int left = d_padded - block * kBlock;
    return left < kBlock ? left : kBlock;
  }

  /// Rounds one block of n values to whole multiples of the scale that is returned, at most 127 in size.
  static float quantise(const float* a, int n, std::int8_t* out, RoundingNorms* norms) {
    float largest[16] = {};
    int i = 0;
    for (; i + 16 <= n; i += 16)
      for (int q = 0; q < 16; q++) largest[q] = std::fabs(a[i + q]) > largest[q] ? std::fabs(a[i + q]) : largest[q];
    for (; i < n; i++) largest[0] = std::fabs(a[i]) > largest[0] ? std::fabs(a[i]) : largest[0];
    for (int q = 1; q < 16; q++) largest[0] = largest[q] > largest[0] ? largest[q] : largest[0];
    // What has no scale in float32 becomes zero, and is all error.
    const bool sizeable = largest[0] > 1e-30f;
    const float scale = sizeable ? largest[0] / 127.0f : 0.0f, inverse = sizeable ? 127.0f / largest[0] : 0.0f;
    SquareSums sums;
    for (i = 0; i + 16 <= n; i += 16)
      for (int q = 0; q < 16; q++) {
        const float whole = round(a[i + q] * inverse);
        out[i + q] = byte(whole);
        sums.add(q, a[i + q], whole * scale);
      }
    for (; i < n; i++) {
      const float whole = round(a[i] * inverse);
      out[i] = byte(whole);
      sums.add(0, a[i], whole * scale);
    }
    *norms = sums.norms(n);
    return scale;
  }

  /// Converts n values, pads with zeros, and measures what was lost; `norms` has an element for each block.
  static void convert_row(const float* a, int n, int d_padded, Input* out, RoundingNorms* norms) {
    for (int b = 0; b < blocks(d_padded); b++) {
      const int first = b * kBlock, count = n - first < kBlock ? n - first : kBlock, depth = depth_of(b, d_padded);
      BlockFacts facts{};
      facts.scale = quantise(a + first, count, out + first, norms + b);
      for (int i = first + count; i < first + depth; i++) out[i] = 0;
      for (int i = first; i < first + count; i++) facts.offset -= 128 * out[i];
      std::memcpy(out + d_padded + b * sizeof facts, &facts, sizeof facts);
    }
  }

  /// Latent f of a panel; `row` is scratch for row_elements().
  static void pack_row(const float* w, int n, int d_padded, int f, Input* panel, RoundingNorms* norms, Input* row) {
    for (int b = 0; b < blocks(d_padded); b++) {
      const int first = b * kBlock, count = n - first < kBlock ? n - first : kBlock, depth = depth_of(b, d_padded);
      const float scale = quantise(w + first, count, row, norms + b);
      for (int i = count; i < depth; i++) row[i] = 0;
      for (int i = 0; i < depth; i++) row[i] = static_cast<Input>(row[i] ^ -128);
      Input* codes = panel + static_cast<std::size_t>(b) * kPanelBlock;
      for (int i = 0; i < depth; i += 4) std::memcpy(codes + i * kPanel + 4 * f, row + i, 4);
      std::memcpy(codes + depth * kPanel + 4 * f, &scale, 4);
    }
  }

 private:
  static constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23: adding it leaves no room for a fraction

  static float round(float value) { return (value + kRounder) - kRounder; }

  static std::int8_t byte(float whole) {
    const float shifted = whole + kRounder;
    std::int32_t bits;
    std::memcpy(&bits, &shifted, 4);
    return static_cast<std::int8_t>(bits);
  }
};

}  // namespace concord::CONCORD_ISA
