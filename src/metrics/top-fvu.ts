import type { LatentMetric } from "./latent-metric.ts";

/** FVU of the reconstruction by the most active latents alone. */
export const topFvu: LatentMetric = {
  name: "top_fvu",
  label: "FVU, top",
  formula: "Σ‖x − x̂_top‖² / Σ‖x − mean(x)‖², x̂_top from the latents of largest Σ|z| and b_dec",
  unit: "fraction",
  better: "neither",
  range: "[0, ∞)",
  summary: "Fraction of variance unexplained by the most active latents alone.",
  compute: ({ topError, variance }) => topError / variance,
};
