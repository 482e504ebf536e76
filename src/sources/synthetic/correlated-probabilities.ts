/** @file Activation probabilities that move together: a Gaussian copula, one draw per generation batch. */

import { normalAt, randomStream } from "../../tensor/philox.ts";

/** Standard normal cumulative distribution, absolute error below 1.5e-7 (Abramowitz and Stegun 7.1.26). */
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
 * Probabilities of a generation batch: p_i ∝ Φ(z_i) decay^i with z = A n / √(Σ_j A_ij²), A a fixed [count, count] normal matrix
 * and n a fresh normal vector, scaled so that Σ p_i = active (before any are capped at 1).
 *
 * Follows the correlated dataset of HoagyC/sparse_coding; their random correlation matrix is likewise made from a random factor.
 */
export function correlatedProbabilities(
  options: {
    readonly features: number;
    readonly active: number;
    readonly decay: number;
    readonly seed: number;
  },
  batch: number,
): Float32Array {
  const { features, active, decay, seed } = options;
  const factor = randomStream(seed, "synthetic/correlation");
  const draw = randomStream(seed, "synthetic/correlated-draws");
  const n = Array.from({ length: features }, (_, j) => normalAt(draw, batch * features + j));
  const raw = new Float64Array(features);
  for (let i = 0; i < features; i++) {
    let z = 0;
    let norm = 0;
    for (let j = 0; j < features; j++) {
      const a = normalAt(factor, i * features + j);
      z += a * n[j]!;
      norm += a * a;
    }
    raw[i] = normalCdf(z / Math.sqrt(norm)) * decay ** i;
  }
  const total = raw.reduce((sum, p) => sum + p, 0);
  return Float32Array.from(raw, (p) => Math.min(1, (p * active) / total));
}
