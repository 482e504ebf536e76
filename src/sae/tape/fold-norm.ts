/** @file An encoder with a batch norm as one matrix and one bias, for inference. */

import type { LinearEncoder } from "./model.ts";

/** Weights [d_sae, d_in] and bias [d_sae]. */
interface Folded {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * γ ((⟨w, x⟩ + b) − mean) / √(variance + eps) + β as ⟨w′, x⟩ + b′, with the running statistics.
 *
 * @returns The encoder's own memory where there is no norm.
 */
export function foldedEncoder({ weights, bias, norm }: LinearEncoder, dIn: number): Folded {
  if (!norm) return { weights: weights.value, bias: bias.value };
  const { gamma, beta, running, eps } = norm;
  const factors = gamma.value.map((g, f) => g / Math.sqrt(running.variance[f]! + eps));
  return {
    weights: weights.value.map((w, at) => w * factors[Math.floor(at / dIn)]!),
    bias: bias.value.map((b, f) => factors[f]! * (b - running.mean[f]!) + beta.value[f]!),
  };
}
