/** @file Power in the customary frequency bands of the EEG. */

import type { Spectrum } from "./welch.ts";

/**
 * Band limits in Hz, low included, high excluded. Authors differ by a hertz or two; these are the
 * ones in most common use, with gamma ending where the EEG pipeline's band-pass does.
 */
export const EEG_BANDS = {
  delta: [0.5, 4],
  theta: [4, 8],
  alpha: [8, 13],
  beta: [13, 30],
  gamma: [30, 45],
} as const satisfies Record<string, readonly [low: number, high: number]>;

export type EegBand = keyof typeof EEG_BANDS;

/**
 * Power between two frequencies, in the squared unit of the signal.
 *
 *   Σ density[k] · Δf   over low ≤ f[k] < high
 *
 * The rectangle rule: over all bins it is the variance, and neighbouring bands add up.
 */
export function bandPower(spectrum: Spectrum, low: number, high: number): number {
  const { frequencies, density } = spectrum;
  const step = frequencies[1] ?? 0;
  let sum = 0;
  for (let k = 0; k < density.length; k++) {
    if (frequencies[k]! >= low && frequencies[k]! < high) sum += density[k]!;
  }
  return sum * step;
}

/** {@link bandPower} of each of {@link EEG_BANDS}. */
export function eegBandPowers(spectrum: Spectrum): Record<EegBand, number> {
  const power = (band: EegBand) => bandPower(spectrum, EEG_BANDS[band][0], EEG_BANDS[band][1]);
  return {
    delta: power("delta"),
    theta: power("theta"),
    alpha: power("alpha"),
    beta: power("beta"),
    gamma: power("gamma"),
  };
}
