import type { ReconstructionMetric } from "./metric.ts";

/** Mean squared error of the reconstruction, per element. */
export const mse: ReconstructionMetric = {
  name: "mse",
  label: "MSE",
  formula: "Σ‖x − x̂‖² / (rows · d_in)",
  unit: "squared activation units",
  better: "lower",
  range: "[0, ∞)",
  summary: "Mean squared error per element of the activation, in the model's own units.",
  compute: (s) => s.squaredError / (s.rows * s.dIn),
};
