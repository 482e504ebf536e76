/** @file Power spectral density by Welch's method, with the defaults of `scipy.signal.welch`. */

import { expected } from "../../../errors.ts";
import { fftPlan } from "./fft.ts";
import { windowStarts } from "./windows.ts";

/** A one-sided power spectral density. */
export interface Spectrum {
  /** Hz, [bins], from 0 to half the rate. */
  readonly frequencies: Float64Array<ArrayBuffer>;
  /**
   * Squared unit of the signal per Hz, [bins]. Σ density · Δf is the variance of a signal that
   * fills the segments.
   */
  readonly density: Float64Array<ArrayBuffer>;
}

export interface WelchOptions {
  /** Samples of a segment, default 256 or the signal's length where that is less. */
  readonly segmentLength?: number;
  /** Samples that neighbouring segments share, default half a segment. */
  readonly overlap?: number;
}

/**
 * Mean periodogram of overlapping segments, each freed of its mean and weighted with a Hann window.
 *
 *   density[k] = c · mean over segments of |FFT(w · (x − x̄))[k]|² / (rate · Σ w²)
 *   c = 1 for 0 Hz and rate/2, else 2
 *
 * @param x    Samples, not empty. A remainder shorter than a segment is left out.
 * @param rate Hz.
 * @see Welch 1967, "The use of fast Fourier transform for the estimation of power spectra", IEEE
 *   Trans. Audio Electroacoust. 15.
 */
export function welch(x: Float64Array, rate: number, options: WelchOptions = {}): Spectrum {
  const n = options.segmentLength ?? Math.min(256, x.length);
  if (!Number.isInteger(n) || n < 1 || n > x.length) {
    throw expected("segmentLength", `an integer from 1 to the signal's ${x.length} samples`, n);
  }
  const overlap = options.overlap ?? Math.floor(n / 2);
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= n) {
    throw expected("overlap", `an integer from 0 to ${n - 1}`, overlap);
  }
  const sum = periodogramSum(n, rate);
  for (let start = 0; start + n <= x.length; start += n - overlap) sum.add(x, start);
  return sum.mean();
}

/** Periodograms of segments from anywhere, added up. */
export interface PeriodogramSum {
  /** Adds the segment of `x` that begins at `start`, freed of its mean. */
  add(x: ArrayLike<number>, start?: number): void;
  /**
   * The mean over the segments so far, at least one: {@link welch} of a signal that they are the
   * segments of.
   */
  mean(): Spectrum;
}

/**
 * Prepares for segments of `n` samples at `rate` Hz: the tables of the transform are made once.
 *
 * @throws {ConcordError} for a rate that is not above 0 and lengths that no transform has.
 */
export function periodogramSum(n: number, rate: number): PeriodogramSum {
  if (!(rate > 0)) throw expected("rate", "Hz above 0", rate);
  const plan = fftPlan(n);
  const window = hann(n);
  const weight = window.reduce((sum, w) => sum + w * w, 0);
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  const bins = Math.floor(n / 2) + 1;
  const sum = new Float64Array(bins);
  let segments = 0;
  return {
    add(x, start = 0) {
      let mean = 0;
      for (let i = 0; i < n; i++) mean += x[start + i]!;
      mean /= n;
      for (let i = 0; i < n; i++) re[i] = window[i]! * (x[start + i]! - mean);
      im.fill(0);
      plan.forward(re, im);
      for (let k = 0; k < bins; k++) sum[k] = sum[k]! + re[k]! ** 2 + im[k]! ** 2;
      segments++;
    },
    mean() {
      const density = sum.map((total, k) => {
        const sides = k === 0 || 2 * k === n ? 1 : 2;
        return (total * sides) / (segments * rate * weight);
      });
      const frequencies = Float64Array.from({ length: bins }, (_, k) => (k * rate) / n);
      return { frequencies, density };
    },
  };
}

/**
 * Longest segment of a short signal's spectrum, seconds: half a hertz from bin to bin, as the delta
 * band needs, and no more.
 */
const SEGMENT_SECONDS = 2;

/**
 * Segments for the spectrum of a window of `samples` at `rate` Hz: the whole of it. Where it is
 * longer they are two seconds at a time, overlapping by half.
 */
export function segmentsOf(
  samples: number,
  rate: number,
): { readonly length: number; readonly starts: readonly number[] } {
  const length = Math.min(samples, Math.max(2, Math.round(SEGMENT_SECONDS * rate)));
  return { length, starts: windowStarts(samples, { length, overlap: Math.floor(length / 2) }) };
}

/** The periodic Hann window: ½ − ½ cos(2πi / n). */
function hann(n: number): Float64Array {
  if (n === 1) return Float64Array.of(1);
  return Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
}
