// The rounding error of a screen in low precision, as measured. The certificate of top-k uses it.
//
// A format converts rows and columns block by block of inputs. Let a be the row, w the column, and
// a', w' the two after rounding. A score is off by  a.w - a'.w' = a.(w - w') + (a - a').w'.  Its
// magnitude is at most either of
//     ||a|| max_f ||w_f - w_f'|| + ||a - a'|| max_f ||w_f'||   over all inputs, and
//     the sum over blocks of the same   (Cauchy-Schwarz, on the measured errors).
#pragma once
#include "../vec.hpp"

namespace concord::CONCORD_ISA {

struct RoundingNorms {
  float exact;    // ||a||
  float error;    // ||a - a'||
  float rounded;  // ||a'||
};

/// A norm from a sum of n squares, rounded up. A relative 1e-5 covers the float32 sum; the other
/// term covers squares below the smallest normal number.
inline float norm_above(float sum, int n) { return std::sqrt(sum + static_cast<float>(n) * 0x1p-126f) * 1.00001f; }

/// Sums of squares, vector by vector.
struct SquareSums {
  Vec exact{}, error{}, rounded{};

  void add(Vec value, Vec became) {
    const Vec lost = value - became;
    exact += value * value;
    error += lost * lost;
    rounded += became * became;
  }

  /// The norms of n numbers.
  RoundingNorms norms(int n) const {
    return {norm_above(sum_lanes(exact), n), norm_above(sum_lanes(error), n), norm_above(sum_lanes(rounded), n)};
  }
};

/// The larger of two numbers that are not negative, or NaN when either is.
inline float larger(float a, float b) { return a >= b ? a : b != b ? b : a != a ? a : b; }

/// The norm of a vector from the norms of its blocks, which are `stride` apart.
inline float norm_of_blocks(const float* norms, int blocks, std::size_t stride) {
  if (blocks == 1) return norms[0];
  float sum = 0.0f;
  for (int b = 0; b < blocks; b++) sum += norms[b * stride] * norms[b * stride];
  return norm_above(sum, blocks);
}

/// The largest norms among columns: of whole columns, and of each block.
class LargestNorms {
 public:
  /// `error` and `rounded` are [blocks][columns].
  LargestNorms(const float* error, const float* rounded, int blocks, std::size_t latents)
      : blocks_(blocks), of_blocks_(new float[2 * static_cast<std::size_t>(blocks)]) {
    for (std::size_t f = 0; f < latents; f++) {
      error_ = larger(error_, norm_of_blocks(error + f, blocks, latents));
      rounded_ = larger(rounded_, norm_of_blocks(rounded + f, blocks, latents));
    }
    for (int b = 0; b < blocks; b++) {
      of_blocks_[b] = largest_of(error + b * latents, latents);
      of_blocks_[blocks + b] = largest_of(rounded + b * latents, latents);
    }
  }
  ~LargestNorms() { delete[] of_blocks_; }
  LargestNorms(const LargestNorms&) = delete;
  LargestNorms& operator=(const LargestNorms&) = delete;

  /// An upper bound on the error of any score of a row, given one RoundingNorms per block.
  /// `product` becomes ||a|| max_f (||w_f'|| + ||w_f - w_f'||).
  float bound(const RoundingNorms* row, float* product) const {
    float squares[2] = {}, sums[2] = {};
    for (int b = 0; b < blocks_; b++) {
      squares[0] += row[b].exact * row[b].exact;
      squares[1] += row[b].error * row[b].error;
      sums[0] += row[b].exact * of_blocks_[b];
      sums[1] += row[b].error * of_blocks_[blocks_ + b];
    }
    const float exact = norm_above(squares[0], blocks_), error = norm_above(squares[1], blocks_);
    *product = exact * (rounded_ + error_);
    const float whole[2] = {exact * error_, error * rounded_};
    // A NaN is in both operands or in neither.
    return (whole[0] < sums[0] ? whole[0] : sums[0]) + (whole[1] < sums[1] ? whole[1] : sums[1]);
  }

 private:
  static float largest_of(const float* norms, std::size_t count) {
    float best = 0.0f;
    for (std::size_t i = 0; i < count; i++) best = larger(best, norms[i]);
    return best;
  }

  int blocks_;
  float error_ = 0.0f, rounded_ = 0.0f;
  float* of_blocks_;
};

}  // namespace concord::CONCORD_ISA
