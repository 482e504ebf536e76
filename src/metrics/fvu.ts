import type { ReconstructionMetric } from "./metric.ts";

/**
 * Fraction of variance unexplained: 0 is perfect, 1 is no better than the mean. NaN when the
 * activations are constant.
 *
 * Same definition as sparsify's `fvu`; the mean is taken over the rows that are evaluated.
 */
export const fvu: ReconstructionMetric = {
  name: "fvu",
  label: "FVU",
  formula: "Σ‖x − x̂‖² / Σ‖x − mean(x)‖²",
  unit: "fraction",
  better: "lower",
  range: "[0, ∞), above 1 is worse than the mean",
  summary: "Fraction of variance unexplained by the reconstruction.",
  compute: (s) => s.squaredError / s.variance,
};
