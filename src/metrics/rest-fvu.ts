import type { LatentMetric } from "./latent-metric.ts";

/** FVU of the reconstruction without the most active latents. */
export const restFvu: LatentMetric = {
  name: "rest_fvu",
  label: "FVU, rest",
  formula: "Σ‖x − x̂_rest‖² / Σ‖x − mean(x)‖², x̂_rest from all other latents and b_dec",
  unit: "fraction",
  better: "neither",
  range: "[0, ∞)",
  summary: "Fraction of variance unexplained without the most active latents.",
  compute: ({ restError, variance }) => restError / variance,
};
