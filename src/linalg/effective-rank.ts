/** @file How many directions data really has. */

import { symmetricEigenvalues } from "./symmetric-eigen.ts";

/**
 * Effective rank: exp(−Σ p_i ln p_i), p_i = λ_i / Σ λ over the eigenvalues of a covariance. d for
 * white data in d dimensions, 1 for a line. After Roy and Vetterli 2007, "The effective rank", who
 * take the singular values of the data; here are their squares, the shares of variance.
 *
 * @param covariance [d, d], or any multiple of it.
 * @returns In [1, d]; undefined for data without variance.
 */
export function effectiveRank(covariance: Float64Array, d: number): number | undefined {
  // Rounding makes some variances of singular data slightly negative.
  const variances = symmetricEigenvalues(covariance, d).map((v) => Math.max(v, 0));
  const total = variances.reduce((sum, v) => sum + v, 0);
  if (!(total > 0)) return undefined;
  let entropy = 0;
  for (const v of variances) if (v > 0) entropy -= (v / total) * Math.log(v / total);
  return Math.exp(entropy);
}
