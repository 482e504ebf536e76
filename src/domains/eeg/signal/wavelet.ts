/**
 * @file The discrete wavelet transform with Daubechies' 8-tap wavelet (db4), in the two boundary
 *   modes that matter. They are "symmetric" (the signal is mirrored) and "periodization" (it is
 *   taken as periodic; orthogonal, n coefficients for n samples). Values of PyWavelets.
 */

import { ConcordError, expected, ShapeError } from "../../../errors.ts";

/**
 * Scaling coefficients of the Daubechies wavelet with 4 vanishing moments, in the order of the
 * analysis low-pass.
 *
 * @see Daubechies 1988, "Orthonormal bases of compactly supported wavelets", Comm. Pure Appl. Math.
 *   41, Table 1 (N = 4).
 */
const DB4_LOW = [
  -0.010597401785069032, 0.0328830116668852, 0.030841381835560764, -0.18703481171909309,
  -0.027983769416859854, 0.6308807679298589, 0.7148465705529157, 0.2303778133088965,
] as const;
const LENGTH = DB4_LOW.length;
/** The quadrature mirror: high[j] = (−1)^(j+1) low[7 − j]. */
const DB4_HIGH = DB4_LOW.map((_, j) => (j % 2 === 0 ? -1 : 1) * DB4_LOW[LENGTH - 1 - j]!);

export type WaveletMode = "symmetric" | "periodization";

/** A signal as one approximation and the details of each level, coarsest first. */
export interface WaveletCoefficients {
  readonly approximation: Float64Array<ArrayBuffer>;
  readonly details: readonly Float64Array<ArrayBuffer>[];
  readonly mode: WaveletMode;
  /** Samples of the signal. */
  readonly length: number;
}

/**
 * The deepest level whose filter is not longer than the signal: ⌊log₂(n / 7)⌋, 0 for short ones.
 */
export function maxWaveletLevel(samples: number): number {
  return Math.max(0, Math.floor(Math.log2(samples / (LENGTH - 1))));
}

/** One level: approximation and detail, each half as long (and 3 more in symmetric mode). */
export function dwt(
  x: Float64Array,
  mode: WaveletMode,
): [approximation: Float64Array<ArrayBuffer>, detail: Float64Array<ArrayBuffer>] {
  const n = x.length;
  if (n < 1) throw expected("x", "at least one sample", n);
  const periodic = mode === "periodization";
  // An odd number of samples is made even by repeating the last.
  const even = n + (n % 2);
  const count = periodic ? even / 2 : Math.floor((n + LENGTH - 1) / 2);
  const shift = periodic ? LENGTH / 2 : 1;
  const low = new Float64Array(count);
  const high = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    let a = 0;
    let d = 0;
    for (let j = 0; j < LENGTH; j++) {
      const at = 2 * k + shift - j;
      const v = x[periodic ? Math.min(n - 1, modulo(at, even)) : mirrored(at, n)]!;
      a += DB4_LOW[j]! * v;
      d += DB4_HIGH[j]! * v;
    }
    low[k] = a;
    high[k] = d;
  }
  return [low, high];
}

/**
 * The inverse of {@link dwt}: 2 · count samples in periodization mode, 2 · count − 6 in symmetric
 * mode.
 */
export function idwt(
  approximation: Float64Array,
  detail: Float64Array,
  mode: WaveletMode,
): Float64Array<ArrayBuffer> {
  const count = approximation.length;
  if (detail.length !== count) {
    throw new ShapeError("idwt", `${count} detail coefficients`, `${detail.length}`);
  }
  const periodic = mode === "periodization";
  const x = new Float64Array(Math.max(0, periodic ? 2 * count : 2 * count - LENGTH + 2));
  const shift = periodic ? LENGTH / 2 : 1;
  for (let k = 0; k < count; k++) {
    for (let j = 0; j < LENGTH; j++) {
      const at = 2 * k + shift - j;
      const i = periodic ? modulo(at, x.length) : at;
      if (i < 0 || i >= x.length) continue;
      x[i] = x[i]! + DB4_LOW[j]! * approximation[k]! + DB4_HIGH[j]! * detail[k]!;
    }
  }
  return x;
}

/**
 * Transforms a signal to several levels.
 *
 * @param level From 1 to {@link maxWaveletLevel}, the default.
 */
export function waveletTransform(
  x: Float64Array,
  mode: WaveletMode = "symmetric",
  level: number = maxWaveletLevel(x.length),
): WaveletCoefficients {
  const max = maxWaveletLevel(x.length);
  if (max < 1) {
    throw new ConcordError(
      "argument/invalid",
      `${x.length} samples are too few for this wavelet: at least ${2 * (LENGTH - 1)} are needed.`,
    );
  }
  if (!Number.isInteger(level) || level < 1 || level > max) {
    throw expected("level", `an integer from 1 to ${max}`, level);
  }
  const details: Float64Array<ArrayBuffer>[] = [];
  let approximation = new Float64Array(x);
  for (let l = 0; l < level; l++) {
    const [low, high] = dwt(approximation, mode);
    details.unshift(high);
    approximation = low;
  }
  return { approximation, details, mode, length: x.length };
}

/** The signal of its coefficients. */
export function inverseWaveletTransform(c: WaveletCoefficients): Float64Array<ArrayBuffer> {
  let x = c.approximation;
  for (const detail of c.details) {
    // An odd level is one longer after its inverse than before.
    x = idwt(x.subarray(0, detail.length), detail, c.mode);
  }
  return x.slice(0, c.length);
}

function modulo(i: number, n: number): number {
  return ((i % n) + n) % n;
}

/** Half-sample symmetric: … x1 x0 | x0 x1 … xₙ₋₁ | xₙ₋₁ … */
function mirrored(i: number, n: number): number {
  const j = modulo(i, 2 * n);
  return j < n ? j : 2 * n - 1 - j;
}
