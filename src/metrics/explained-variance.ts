import { fvu } from "./fvu.ts";
import type { ReconstructionMetric } from "./metric.ts";

/**
 * 1 − FVU. Unlike dictionary_learning's frac_variance_explained it does not forgive a constant
 * offset of the residual.
 */
export const explainedVariance: ReconstructionMetric = {
  name: "explained_variance",
  label: "Explained variance",
  formula: "1 − Σ‖x − x̂‖² / Σ‖x − mean(x)‖²",
  unit: "fraction",
  better: "higher",
  range: "(−∞, 1]",
  summary: "Fraction of variance explained by the reconstruction: 1 − FVU.",
  compute: (s) => 1 - fvu.compute(s),
};
