/**
 * @file Denoising by soft thresholds on wavelet coefficients: the classical baseline that a learned
 *   dictionary has to beat.
 */

import {
  inverseWaveletTransform,
  maxWaveletLevel,
  type WaveletMode,
  waveletTransform,
} from "./wavelet.ts";

export interface WaveletDenoiseOptions {
  /** Default "symmetric". */
  readonly mode?: WaveletMode;
  /** Levels whose details are thresholded; default as many as the length allows. */
  readonly level?: number;
  /** In the signal's unit; default the universal threshold. */
  readonly threshold?: number;
}

/** sign(v) · max(0, |v| − threshold), in place. */
export function softThreshold(values: Float64Array, threshold: number): void {
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    values[i] = Math.sign(v) * Math.max(0, Math.abs(v) - threshold);
  }
}

/**
 * The universal threshold σ √(2 ln n), with σ the median magnitude of the finest details over
 * 0.6745.
 *
 * @see Donoho and Johnstone 1994, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81
 *   (3).
 */
export function universalThreshold(finestDetails: Float64Array, samples: number): number {
  return (medianMagnitude(finestDetails) / 0.6745) * Math.sqrt(2 * Math.log(samples));
}

/**
 * Removes what is small in every wavelet detail (VisuShrink).
 *
 * Assumes white noise; low-frequency noise lies in the approximation and stays.
 *
 * @returns A new array.
 */
export function waveletDenoise(
  x: Float64Array,
  options: WaveletDenoiseOptions = {},
): Float64Array<ArrayBuffer> {
  const { mode = "symmetric", level = maxWaveletLevel(x.length) } = options;
  const coefficients = waveletTransform(x, mode, level);
  const threshold = options.threshold ?? universalThreshold(coefficients.details.at(-1)!, x.length);
  for (const detail of coefficients.details) softThreshold(detail, threshold);
  return inverseWaveletTransform(coefficients);
}

function medianMagnitude(values: Float64Array): number {
  const sorted = values.map(Math.abs).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
