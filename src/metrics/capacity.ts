import type { LatentMetric } from "./latent-metric.ts";

/**
 * How far an atom has a dimension for itself (Scherlis et al. 2022, arXiv:2210.01892). Atoms of
 * length zero are left out.
 */
export const capacity: LatentMetric = {
  name: "capacity",
  label: "Capacity",
  formula: "mean_i ⟨d_i, d_i⟩² / Σ_j ⟨d_i, d_j⟩², d_i unit atoms",
  unit: "dimensions per latent",
  better: "neither",
  range: "(0, 1], 1 for orthogonal atoms; about 1 / (1 + (d_sae − 1) / d_in) for random ones",
  summary: "Mean share of a dimension that an atom has for itself.",
  compute({ squaredCosines }) {
    const held = squaredCosines.filter((sum) => sum > 0);
    return held.reduce((total, sum) => total + 1 / sum, 0) / held.length;
  },
  random: ({ dSae, dIn }) => 1 / (1 + (dSae - 1) / dIn),
};
