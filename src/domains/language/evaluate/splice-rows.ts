/**
 * @file The activations of a text at a hook: what is known of them before anything is put in their
 *   place.
 */

import { percentile } from "../../../base/statistics/percentile.ts";
import { OUTLIER_NORM, rowNorms } from "../source/row-norms.ts";

/** Facts about rows [rows, d]. */
export interface RowFacts {
  /** Mean of the rows that are not outliers, [d]. */
  readonly mean: Float32Array;
  /** Variance of each dimension over the same rows, [d]. */
  readonly variance: Float64Array;
  /** By row: 1 for an outlier. */
  readonly isOutlier: Uint8Array;
  readonly outliers: number;
  readonly medianNorm: number;
}

/**
 * Finds outliers among rows, and the mean and variance of the others.
 *
 * @param isReal By row: whether it counts at all; padding does not.
 */
export function rowFacts(rows: Float32Array, d: number, isReal: Uint8Array): RowFacts {
  const norms = rowNorms(rows, d);
  const real = Array.from(norms).filter((_, r) => isReal[r] === 1);
  const medianNorm = percentile(real, 0.5) ?? 0;
  const isOutlier = Uint8Array.from(norms, (norm, r) =>
    isReal[r] === 1 && norm > OUTLIER_NORM * medianNorm ? 1 : 0,
  );
  const used = Array.from(norms.keys()).filter((r) => isReal[r] === 1 && isOutlier[r] === 0);
  const sums = new Float64Array(d);
  for (const r of used) for (let i = 0; i < d; i++) sums[i]! += rows[r * d + i]!;
  const mean = Float32Array.from(sums, (sum) => sum / used.length);
  const variance = new Float64Array(d);
  for (const r of used)
    for (let i = 0; i < d; i++) variance[i]! += (rows[r * d + i]! - mean[i]!) ** 2 / used.length;
  const outliers = isOutlier.reduce((sum, one) => sum + one, 0);
  return { mean, variance, isOutlier, outliers, medianNorm };
}

/** The n dimensions of largest variance. */
export function largestDimensions(variance: Float64Array, n: number): number[] {
  // Equal variances keep the order of the dimensions: sorting is stable.
  return Array.from(variance.keys())
    .sort((a, b) => variance[b]! - variance[a]!)
    .slice(0, n);
}
