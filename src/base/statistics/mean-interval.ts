/** @file A mean over seeds with its interval. */

import { studentTQuantile } from "./student-t.ts";

export interface MeanInterval {
  readonly mean: number;
  /** Ends of the interval; undefined for fewer than two values, because one value has no spread. */
  readonly low?: number;
  readonly high?: number;
  readonly n: number;
}

/**
 * Mean and Student-t interval of independent values.
 *
 *   mean ± t(½ + confidence/2; n − 1) · s / √n
 *   (s: sample standard deviation, n − 1 in its denominator)
 *
 * @returns undefined when a value is missing (not finite) or there are none: a mean over what is
 *   left would be of something else.
 */
export function meanInterval(
  values: readonly number[],
  confidence = 0.95,
): MeanInterval | undefined {
  const n = values.length;
  if (n === 0 || !values.every(Number.isFinite)) return undefined;
  const mean = values.reduce((sum, v) => sum + v / n, 0);
  if (n === 1) return { mean, n };
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2 / (n - 1), 0);
  const half = studentTQuantile(0.5 + confidence / 2, n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half, n };
}
