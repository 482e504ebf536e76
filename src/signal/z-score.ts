/** @file Scaling to mean 0 and standard deviation 1. */

/** Below this a standard deviation counts as this: a flat channel becomes zeros instead of NaN. */
export const STD_FLOOR = 1e-8;

/**
 * Scales samples to mean 0 and standard deviation 1 in place.
 *
 *   z = (x − x̄) / max(s, floor),   s² = mean((x − x̄)²)
 *
 * @param from, to The part of `x` to scale, default all.
 */
export function zScore(
  x: Float64Array | Float32Array,
  from = 0,
  to = x.length,
  floor = STD_FLOOR,
): void {
  const n = to - from;
  let mean = 0;
  for (let i = from; i < to; i++) mean += x[i]!;
  mean /= n;
  let variance = 0;
  for (let i = from; i < to; i++) variance += (x[i]! - mean) ** 2;
  const std = Math.sqrt(variance / n);
  for (let i = from; i < to; i++) x[i] = (x[i]! - mean) / Math.max(std, floor);
}
