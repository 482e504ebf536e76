/** @file Scaling to mean 0 and standard deviation 1, and back. */

/** Below this a standard deviation counts as this: a flat channel becomes zeros instead of NaN. */
const STD_FLOOR = 1e-8;

/** What a z-score took away: z = (x − mean) / std. */
export interface Scale {
  readonly mean: number;
  /** At least the floor. */
  readonly std: number;
}

/**
 * Scales samples to mean 0 and standard deviation 1 in place.
 *
 *   z = (x − x̄) / max(s, floor),   s² = mean((x − x̄)²)
 *
 * @param from, to The part of `x` to scale, default all.
 * @returns x̄ and max(s, floor), for {@link toScale} and {@link fromScale}.
 */
export function zScore(
  x: Float64Array | Float32Array,
  from = 0,
  to = x.length,
  floor = STD_FLOOR,
): Scale {
  const n = to - from;
  let mean = 0;
  for (let i = from; i < to; i++) mean += x[i]!;
  mean /= n;
  let variance = 0;
  for (let i = from; i < to; i++) variance += (x[i]! - mean) ** 2;
  const scale = { mean, std: Math.max(Math.sqrt(variance / n), floor) };
  toScale(x, scale, from, to);
  return scale;
}

/**
 * x = (x − mean) / std in place, on samples [from, to): another signal on the scale that a z-score
 * found.
 */
export function toScale(
  x: Float64Array | Float32Array,
  { mean, std }: Scale,
  from = 0,
  to = x.length,
): void {
  for (let i = from; i < to; i++) x[i] = (x[i]! - mean) / std;
}

/** x = mean + x · std in place, on samples [from, to): undoes {@link toScale}. */
export function fromScale(
  x: Float64Array | Float32Array,
  { mean, std }: Scale,
  from = 0,
  to = x.length,
): void {
  for (let i = from; i < to; i++) x[i] = mean + x[i]! * std;
}
