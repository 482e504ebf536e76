import type { DenoisingMetric } from "./denoising-metric.ts";

/**
 * Pearson's r of a channel of a window with its clean form, averaged; blind to scale and offset.
 */
export const targetCorrelation: DenoisingMetric = {
  name: "target_correlation",
  label: "Correlation",
  formula: "mean over segments of r(x̂, t); r = 0 where either is constant",
  unit: "correlation",
  better: "higher",
  range: "[−1, 1]",
  summary: "Mean correlation of denoised channels with the clean ones.",
  compute: (s) => s.correlation / s.segments,
};
