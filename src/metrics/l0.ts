import type { ReconstructionMetric } from "./metric.ts";

/** Mean number of latents with a non-zero activation. */
export const l0: ReconstructionMetric = {
  name: "l0",
  label: "L0",
  formula: "Σ |{j : z_j ≠ 0}| / rows",
  unit: "latents per activation",
  better: "neither",
  range: "[0, d_sae]",
  summary: "Mean number of active latents.",
  compute: (s) => s.active / s.rows,
};
