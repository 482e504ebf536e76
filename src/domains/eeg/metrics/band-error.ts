import { EEG_BANDS, type EegBand } from "../signal/band-powers.ts";
import type { DenoisingMetric } from "./denoising-metric.ts";

/**
 * How wrong the spectrum is within one band: 0 is perfect, 1 is what an empty spectrum has. Phase
 * does not count.
 *
 * The relative root-mean-square error of spectra by which EEGdenoiseNet compares (Zhang et al.
 * 2021, arXiv:2009.11662), taken band by band and with the sums over segments inside the fraction.
 */
function bandError(band: EegBand): DenoisingMetric {
  const [low, high] = EEG_BANDS[band];
  return {
    name: `band_error_${band}`,
    label: `${band[0]!.toUpperCase()}${band.slice(1)} error`,
    formula: `√(Σ (S(x̂) − S(t))² / Σ S(t)²), S the power spectral density at ${low} Hz ≤ f < ${high} Hz`,
    unit: "fraction",
    better: "lower",
    range: "[0, ∞), 1 for an empty spectrum",
    summary: `Relative error of the power spectrum from ${low} to ${high} Hz, over segments and frequencies.`,
    compute({ bands }) {
      const sums = bands[band];
      return sums ? Math.sqrt(sums.difference / sums.reference) : Number.NaN;
    },
  };
}

/** One for each of {@link EEG_BANDS}. */
export const BAND_ERRORS: readonly DenoisingMetric[] = (Object.keys(EEG_BANDS) as EegBand[]).map(
  bandError,
);
