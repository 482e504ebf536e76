/**
 * @file Activation probabilities that move together: a Gaussian copula, one draw per generation
 *   batch.
 */

import { normalAt, randomStream, uniformAt } from "../../base/philox.ts";
import { sum } from "../../base/statistics/mean.ts";

/**
 * Standard normal cumulative distribution, absolute error below 1.5e-7 (Abramowitz and Stegun
 * 7.1.26).
 */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-z * z);
  return x >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}

/**
 * Lower Cholesky factor of a symmetric [n, n] matrix with `shift` added to its diagonal; undefined
 * when that is not positive definite.
 */
function cholesky(matrix: Float64Array, n: number, shift: number): Float64Array | undefined {
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]! + (i === j ? shift : 0);
      for (let q = 0; q < j; q++) sum -= L[i * n + q]! * L[j * n + q]!;
      if (i === j && !(sum > 0)) return undefined;
      L[i * n + j] = i === j ? Math.sqrt(sum) : sum / L[j * n + j]!;
    }
  return L;
}

/**
 * Relative accuracy of the smallest eigenvalue, and the factor that HoagyC/sparse_coding
 * multiplies it by to be on the safe side.
 */
const EIGENVALUE_TOLERANCE = 1e-4;
const EIGENVALUE_MARGIN = 1.001;

/**
 * L with L Lᵀ = (R + Rᵀ) / 2 + 1.001 |λ| I, R uniform in [0, 1) and λ the smallest eigenvalue of
 * the first term, found by bisection on whether the shifted matrix has a Cholesky factor. About a
 * second for 512 features, growing with the third power.
 *
 * Follows generate_corr_matrix of HoagyC/sparse_coding (69c5ae0).
 */
export function covarianceFactor(seed: number, n: number): Float64Array {
  const stream = randomStream(seed, "synthetic/correlation");
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      matrix[i * n + j] = (uniformAt(stream, i * n + j) + uniformAt(stream, j * n + i)) / 2;
  // Every eigenvalue is within n of zero.
  let [low, high] = [0, n];
  while (high - low > EIGENVALUE_TOLERANCE * high) {
    const middle = (low + high) / 2;
    if (cholesky(matrix, n, middle)) high = middle;
    else low = middle;
    // Positive definite as it is: a single feature.
    if (high < EIGENVALUE_TOLERANCE) break;
  }
  return cholesky(matrix, n, high * EIGENVALUE_MARGIN)!;
}

/**
 * Probabilities by generation batch: p_i ∝ Φ(z_i) decay^i with z = L n and n a fresh normal vector,
 * scaled so that Σ p_i = active (before any are capped at 1).
 *
 * Follows generate_correlated_dataset of HoagyC/sparse_coding (69c5ae0), whose covariance is not
 * scaled to unit variance. With 512 features z has a standard deviation of about 3. So in a batch
 * most features are either common or all but absent.
 *
 * @param L     What {@link covarianceFactor} gave for as many features.
 * @param split Names the draws: training and held-out rows share nothing but L.
 */
export function correlatedProbabilities(
  options: {
    readonly features: number;
    readonly active: number;
    readonly decay: number;
    readonly seed: number;
  },
  L: Float64Array,
  split: string,
): (batch: number) => Float32Array {
  const { features, active, decay, seed } = options;
  const draw = randomStream(seed, `synthetic/${split}/correlated-draws`);
  return (batch) => {
    const n = Float64Array.from({ length: features }, (_, j) =>
      normalAt(draw, batch * features + j),
    );
    const raw = Float64Array.from({ length: features }, (_, i) => {
      let z = 0;
      for (let j = 0; j <= i; j++) z += L[i * features + j]! * n[j]!;
      return normalCdf(z) * decay ** i;
    });
    const total = sum(raw);
    return Float32Array.from(raw, (p) => Math.min(1, (p * active) / total));
  };
}
