import type { Metric } from "../../../metrics/metric.ts";

/**
 * Share of a frequency band's power that a reconstruction misses: 0 is perfect, 1 is no better than
 * silence in that band. Phase counts, unlike in a comparison of spectra.
 *
 * Powers are Welch's, over the segments of all windows and channels. E is the spectrum of x̂ − x, X
 * that of x (of the clean window where the input was noisy).
 */
export const bandFvu: Metric = {
  name: "band_fvu",
  label: "Band FVU",
  formula: "Σ|E(f)|² / Σ|X(f)|² over the band's frequencies f",
  unit: "fraction",
  better: "lower",
  range: "[0, ∞), above 1 is worse than silence",
  summary: "Fraction of a frequency band's power that the reconstruction of EEG windows misses.",
};
