/**
 * @file How many dimensions data fills: two numbers that are both d for a sphere and 1 for a line.
 *
 *   effective rank       exp(−Σ p_i ln p_i), p_i = λ_i / Σλ       (Roy and Vetterli 2007)
 *   participation ratio  (Σλ_i)² / Σλ_i² = tr(C)² / ‖C‖²
 */

import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

/** Both numbers of a covariance with eigenvalues λ. */
export interface EffectiveRank {
  /** In [1, d]. */
  readonly effectiveRank: number;
  /** In [1, d], at most the effective rank. */
  readonly participationRatio: number;
}

/**
 * The dimensions that a covariance fills.
 *
 * @param covariance [d, d], symmetric, positive semidefinite up to rounding; any scale.
 * @returns Undefined for a covariance of zeros: data that does not vary has no rank.
 */
export function effectiveRank(covariance: Float64Array, d: number): EffectiveRank | undefined {
  const values = symmetricEigenvalues(covariance, d).map((v) => Math.max(0, v));
  const sum = values.reduce((total, v) => total + v, 0);
  if (!(sum > 0)) return undefined;
  const shares = values.map((v) => v / sum);
  const entropy = shares.reduce((total, p) => total - (p > 0 ? p * Math.log(p) : 0), 0);
  const squares = shares.reduce((total, p) => total + p * p, 0);
  return { effectiveRank: Math.exp(entropy), participationRatio: 1 / squares };
}
