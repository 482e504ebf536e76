/** @file How often latents are active: the histogram every SAE paper shows. */

import type { Metric, ReconstructionSums } from "./metric.ts";

/** Counts of latents by the logarithm of how often they are active. */
export interface DensityHistogram {
  /** Lower edges of the bins in log10 of the density; bins are `width` wide. */
  readonly edges: readonly number[];
  readonly width: number;
  readonly counts: readonly number[];
  /** Latents that are never active, which have no logarithm. */
  readonly dead: number;
}

const LOWEST = -6;
const BINS = 60;

/**
 * Histogram of log10(rows in which a latent is active / rows), 60 bins from 10⁻⁶ to 1; rarer
 * latents fall into the first bin.
 *
 * @param activeRows [d_sae]
 */
export function densityHistogram(activeRows: ArrayLike<number>, rows: number): DensityHistogram {
  const width = -LOWEST / BINS;
  const counts = new Array<number>(BINS).fill(0);
  let dead = 0;
  for (let j = 0; j < activeRows.length; j++) {
    const density = activeRows[j]! / rows;
    if (density === 0) {
      dead++;
      continue;
    }
    const bin = Math.floor((Math.log10(density) - LOWEST) / width);
    counts[Math.min(BINS - 1, Math.max(0, bin))]!++;
  }
  return { edges: Array.from({ length: BINS }, (_, i) => LOWEST + i * width), width, counts, dead };
}

/** The share of activations in which a latent is active, as a histogram over the latents. */
export const latentDensity: Metric & {
  compute(sums: Pick<ReconstructionSums, "activeRows" | "rows">): DensityHistogram;
} = {
  name: "latent_density",
  label: "Latent density",
  formula: "log10(|{rows : z_j ≠ 0}| / rows) for every latent j",
  unit: "log10 of a fraction",
  better: "neither",
  range: "(−∞, 0]; dead latents have none and are counted apart",
  summary: "How often each latent is active on the held-out activations.",
  compute: ({ activeRows, rows }) => densityHistogram(activeRows, rows),
};
