// Functions of the exponential on short vectors, without calls into the C library. They depend on
// the instruction set only where it lacks a fused multiply-add.
#pragma once
#include "vec.hpp"

namespace concord::CONCORD_ISA {

/// e^x to about one unit in the last place. Below -87.3 it is the least normal number instead of 0,
/// above 88.3 it stays there. NaN stays NaN.
inline Vec exp_lanes(Vec x) {
  const Vec most = splat(88.3762f), least = splat(-87.3365f), rounder = splat(12582912.0f);  // 1.5 * 2^23
  x = x > most ? most : x;
  x = x < least ? least : x;
  const Vec turns = (x * 1.44269504f + rounder) - rounder;
  // ln 2 in two parts, of which the first times `turns` is exact (Cody and Waite).
  const Vec r = fused(turns, splat(2.12194440e-4f), fused(turns, splat(-0.693359375f), x));
  Vec p = splat(1.9875691500e-4f);
  p = fused(p, r, splat(1.3981999507e-3f));
  p = fused(p, r, splat(8.3334519073e-3f));
  p = fused(p, r, splat(4.1665795894e-2f));
  p = fused(p, r, splat(1.6666665459e-1f));
  p = fused(p, r, splat(5.0000001201e-1f));
  p = fused(p, r * r, r + 1.0f);
  const IntVec exponent = __builtin_convertvector(turns == turns ? turns : Vec{}, IntVec);
  return p * reinterpret_cast<Vec>((exponent + 127) << 23);
}

inline Vec sigmoid_lanes(Vec x) { return 1.0f / (1.0f + exp_lanes(-x)); }

/// tanh(x), by its first terms where the quotient would cancel.
inline Vec tanh_lanes(Vec x) {
  const Vec square = x * x;
  const Vec series = x * (1.0f + square * (-0.33333333f + square * (0.13333333f + square * -0.053968254f)));
  const Vec size = x < 0.0f ? -x : x;
  return size < 0.125f ? series : 1.0f - 2.0f / (exp_lanes(2.0f * x) + 1.0f);
}

/// x Φ(x), Φ the normal distribution function, from the Chebyshev fit of erfc in Press et al.,
/// Numerical Recipes, 2nd edition, §6.2 (relative error below 1.2e-7).
inline Vec gelu_lanes(Vec x) {
  const Vec z = (x < 0.0f ? -x : x) * 0.70710678f;
  const Vec t = 1.0f / (1.0f + 0.5f * z);
  Vec p = splat(0.17087277f);
  p = fused(p, t, splat(-0.82215223f));
  p = fused(p, t, splat(1.48851587f));
  p = fused(p, t, splat(-1.13520398f));
  p = fused(p, t, splat(0.27886807f));
  p = fused(p, t, splat(-0.18628806f));
  p = fused(p, t, splat(0.09678418f));
  p = fused(p, t, splat(0.37409196f));
  p = fused(p, t, splat(1.00002368f));
  p = fused(p, t, splat(-1.26551223f));
  const Vec tail = 0.5f * t * exp_lanes(fused(-z, z, p));
  return x * (x < 0.0f ? tail : 1.0f - tail);
}

/// 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), which is x σ(2 √(2/π) (x + 0.044715 x³)).
inline Vec gelu_tanh_lanes(Vec x) {
  return x * sigmoid_lanes(1.59576912f * x * fused(x * x, splat(0.044715f), splat(1.0f)));
}

}  // namespace concord::CONCORD_ISA
