/** @file Metrics of an SAE's latents on held-out rows, and of its atoms. */

import type { Metric } from "./metric.ts";

/** What they are computed from. */
export interface LatentSums {
  readonly rows: number;
  readonly dIn: number;
  /** Rows in which each latent is active, [d_sae]. */
  readonly activeRows: Float64Array;
  /** Σ z, Σ z², Σ z³ and Σ z⁴ over rows by latent, [d_sae] each. */
  readonly powers: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  /** Σ ‖x − mean(x)‖² over rows. */
  readonly variance: number;
  /** Σ ‖x − x̂‖² with the latents of largest Σ|z| alone, and with all others alone. */
  readonly topError: number;
  readonly restError: number;
  /** The decoder, [d_sae, d_in]. */
  readonly decoder: Float32Array;
  /** Σ_j cos²(d_i, d_j) by latent, its own included, [d_sae]; 0 for an atom of length zero. */
  readonly squaredCosines: Float64Array;
}

/** A metric that is a number for one SAE. */
export interface LatentMetric extends Metric {
  compute(sums: LatentSums): number;
  /** Its value for random atoms of the same shape, where atoms are what it is about. */
  random?(shape: { readonly dSae: number; readonly dIn: number }): number;
}

/**
 * The median of a number over the latents that are active at all; NaN without one.
 *
 * @param of Given the first four moments of a latent about zero, its mean among them.
 */
export function medianOverLive(
  { rows, activeRows, powers }: LatentSums,
  of: (mean: number, square: number, cube: number, fourth: number) => number,
): number {
  const [first, second, third, fourth] = powers;
  const values: number[] = [];
  for (let f = 0; f < activeRows.length; f++) {
    if (activeRows[f] === 0) continue;
    const at = (sums: Float64Array) => sums[f]! / rows;
    const value = of(at(first), at(second), at(third), at(fourth));
    if (Number.isFinite(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  const middle = (values.length - 1) / 2;
  if (values.length === 0) return Number.NaN;
  return (values[Math.floor(middle)]! + values[Math.ceil(middle)]!) / 2;
}
