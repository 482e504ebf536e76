import type { ReconstructionMetric } from "./metric.ts";

/** Mean sum of the absolute latent activations. */
export const l1: ReconstructionMetric = {
  name: "l1",
  label: "L1",
  formula: "Σ_rows Σ_j |z_j| / rows",
  unit: "activation units",
  better: "neither",
  range: "[0, ∞)",
  summary: "Mean L1 norm of the code; depends on the scale of the atoms.",
  compute: (s) => s.l1 / s.rows,
};
