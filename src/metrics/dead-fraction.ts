import type { ReconstructionMetric } from "./metric.ts";

/**
 * Fraction of latents that no evaluated activation turned on. Depends on how many were evaluated:
 * state the rows.
 */
export const deadFraction: ReconstructionMetric = {
  name: "dead_fraction",
  label: "Dead",
  formula: "|{j : latent j is active in no row}| / d_sae",
  unit: "fraction",
  better: "lower",
  range: "[0, 1]",
  summary: "Fraction of latents that are never active on the held-out activations.",
  compute: (s) =>
    s.activeRows.reduce((dead, n) => dead + (n === 0 ? 1 : 0), 0) / s.activeRows.length,
};
