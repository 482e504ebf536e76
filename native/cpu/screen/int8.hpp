// The eight-bit format of the screen: integers with one scale per 128 inputs, so that a large input
// coarsens only its neighbours.
#pragma once
#include <cstring>

#include "rounding.hpp"

namespace concord::CONCORD_ISA {

/// Rows are signed bytes [d_padded], followed by one BlockFacts per block. Columns are unsigned
/// bytes, with 128 for zero, because the instructions multiply a signed by an unsigned byte. They
/// lie block by block as [depth of the block / 4][kPanel][4], each block followed by its scales
/// [kPanel].
struct Int8Format {
  using Input = std::int8_t;
  static constexpr int kPanel = 32;
  static constexpr int kDepth = 4;
  static constexpr int kBlock = 128;
  static constexpr int kPanelBlock = kBlock * kPanel + kPanel * 4;

  typedef std::int8_t Bytes __attribute__((vector_size(kLanes)));

  struct BlockFacts {
    float scale;
    std::int32_t
        offset;  // -128 times the sum of the block's bytes: what the latents' 128 adds to every product, taken back
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

  /// Rounds one block of n values to multiples of a scale, at most 127 in magnitude, and returns
  /// the scale. `sum` is the sum of the multiples. A value that is not finite becomes zero and
  /// makes the norms NaN.
  static float quantise(const float* a, int n, std::int8_t* out, RoundingNorms* norms, std::int32_t* sum) {
    Vec sizes{};
    for (int i = 0; i < n; i += kLanes) {
      const Vec v = load_some(a + i, n - i), size = v < 0.0f ? -v : v;
      sizes = size > sizes ? size : sizes;
    }
    float largest = 0.0f;
    for (int q = 0; q < kLanes; q++) largest = sizes[q] > largest ? sizes[q] : largest;
    // A block too small for a scale in float32 becomes zero: all of it is rounding error.
    const bool sizeable = largest > 1e-30f;
    const float scale = sizeable ? largest / 127.0f : 0.0f, inverse = sizeable ? 127.0f / largest : 0.0f;
    SquareSums squares;
    IntVec sums{};
    for (int i = 0; i < n; i += kLanes) {
      const Vec v = load_some(a + i, n - i), multiple = round(v * inverse);
      // 127 / largest * largest may come out slightly above 127. A value that is not finite fails
      // the comparison. v - v is then NaN, which no integer can represent.
      const IntVec fits = (multiple >= -127.0f) & (multiple <= 127.0f);
      const Vec whole = fits ? multiple : v - v;
      const IntVec integers = __builtin_convertvector(fits ? multiple : Vec{}, IntVec);
      const Bytes bytes = __builtin_convertvector(integers, Bytes);
      std::memcpy(out + i, &bytes, static_cast<std::size_t>(n - i < kLanes ? n - i : kLanes));
      sums += integers;
      squares.add(v, whole * scale);
    }
    *sum = 0;
    for (int q = 0; q < kLanes; q++) *sum += sums[q];
    *norms = squares.norms(n);
    return scale;
  }

  /// Converts n values, pads with zeros, and measures the rounding error. `norms` has one element
  /// per block.
  static void convert_row(const float* a, int n, int d_padded, Input* out, RoundingNorms* norms) {
    for (int b = 0; b < blocks(d_padded); b++) {
      const int first = b * kBlock, count = n - first < kBlock ? n - first : kBlock, depth = depth_of(b, d_padded);
      BlockFacts facts;
      std::int32_t sum;
      facts.scale = quantise(a + first, count, out + first, norms + b, &sum);
      facts.offset = -128 * sum;
      for (int i = first + count; i < first + depth; i++) out[i] = 0;
      std::memcpy(out + d_padded + b * sizeof facts, &facts, sizeof facts);
    }
  }

  /// Packs column f of a panel; `row` is scratch of row_elements().
  static void pack_row(const float* w, int n, int d_padded, int f, Input* panel, RoundingNorms* norms, Input* row) {
    for (int b = 0; b < blocks(d_padded); b++) {
      const int first = b * kBlock, count = n - first < kBlock ? n - first : kBlock, depth = depth_of(b, d_padded);
      std::int32_t sum;
      const float scale = quantise(w + first, count, row, norms + b, &sum);
      for (int i = count; i < depth; i++) row[i] = 0;
      for (int i = 0; i < depth; i++) row[i] = static_cast<Input>(row[i] ^ -128);
      Input* codes = panel + static_cast<std::size_t>(b) * kPanelBlock;
      for (int i = 0; i < depth; i += 4) std::memcpy(codes + i * kPanel + 4 * f, row + i, 4);
      std::memcpy(codes + depth * kPanel + 4 * f, &scale, 4);
    }
  }

 private:
  static constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23: adding it leaves no room for a fraction

  static Vec round(Vec value) { return (value + kRounder) - kRounder; }
};

}  // namespace concord::CONCORD_ISA
