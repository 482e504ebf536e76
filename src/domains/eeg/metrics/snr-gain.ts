import type { DenoisingMetric } from "./denoising-metric.ts";

/**
 * By how much denoising raises the signal-to-noise ratio. It is 0 when the noisy rows are left as
 * they are, negative when more is destroyed than cleaned, and infinite for a perfect result.
 */
export const snrGain: DenoisingMetric = {
  name: "snr_gain",
  label: "SNR gain",
  formula: "10 log₁₀ (Σ‖x − t‖² / Σ‖x̂ − t‖²)",
  unit: "dB",
  better: "higher",
  range: "(−∞, ∞), 0 for leaving the noisy rows as they are",
  summary:
    "Rise of the signal-to-noise ratio from noisy rows to denoised ones, errors summed over rows.",
  compute: (s) => 10 * Math.log10(s.noise / s.error),
};
