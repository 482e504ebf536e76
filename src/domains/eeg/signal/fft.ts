/**
 * @file The discrete Fourier transform of any length: radix 2 where the length is a power of two,
 *   Bluestein's chirp through such a one otherwise. Plans keep the tables, so transforming many
 *   segments allocates nothing.
 */

import { expected, ShapeError } from "../../../errors.ts";

/** Longest accepted transform; Bluestein needs four times as much memory. */
const MAX_LENGTH = 2 ** 26;

export interface FftPlan {
  readonly length: number;
  /**
   * Transforms in place: X[k] = Σₙ x[n] e^(−2πi kn / length).
   *
   * @param re Real parts, [length].
   * @param im Imaginary parts, [length].
   */
  forward(re: Float64Array, im: Float64Array): void;
  /** The inverse, 1 / length included. */
  inverse(re: Float64Array, im: Float64Array): void;
}

/** Prepares transforms of one length. A plan has scratch of its own: one transform at a time. */
export function fftPlan(length: number): FftPlan {
  if (!Number.isInteger(length) || length < 1 || length > MAX_LENGTH) {
    throw expected("length", `an integer from 1 to ${MAX_LENGTH}`, length);
  }
  const forward = (length & (length - 1)) === 0 ? radix2(length) : bluestein(length);
  const checked = (re: Float64Array, im: Float64Array) => {
    if (re.length !== length || im.length !== length) {
      throw new ShapeError("fft", `re and im of ${length}`, `${re.length} and ${im.length}`);
    }
    forward(re, im);
  };
  return {
    length,
    forward: checked,
    inverse(re, im) {
      // Swapping the parts conjugates before and after.
      checked(im, re);
      for (let i = 0; i < length; i++) {
        re[i] = re[i]! / length;
        im[i] = im[i]! / length;
      }
    },
  };
}

type Transform = (re: Float64Array, im: Float64Array) => void;

function radix2(n: number): Transform {
  const cos = Float64Array.from({ length: n / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sin = Float64Array.from({ length: n / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / n));
  return (re, im) => {
    for (let i = 1, j = 0; i < n; i++) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        const a = re[i]!;
        const b = im[i]!;
        re[i] = re[j]!;
        im[i] = im[j]!;
        re[j] = a;
        im[j] = b;
      }
    }
    for (let size = 2; size <= n; size *= 2) {
      const half = size / 2;
      const step = n / size;
      for (let start = 0; start < n; start += size) {
        for (let k = 0; k < half; k++) {
          const c = cos[k * step]!;
          const s = sin[k * step]!;
          const lower = start + k;
          const upper = lower + half;
          const a = re[upper]! * c - im[upper]! * s;
          const b = re[upper]! * s + im[upper]! * c;
          re[upper] = re[lower]! - a;
          im[upper] = im[lower]! - b;
          re[lower] = re[lower]! + a;
          im[lower] = im[lower]! + b;
        }
      }
    }
  };
}

function bluestein(n: number): Transform {
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const transform = radix2(size);
  // e^(−πi k² / n); k² is reduced modulo 2n so that the angle keeps its digits.
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const angle = (Math.PI * ((k * k) % (2 * n))) / n;
    cos[k] = Math.cos(angle);
    sin[k] = -Math.sin(angle);
  }
  const chirpRe = new Float64Array(size);
  const chirpIm = new Float64Array(size);
  for (let k = 0; k < n; k++) {
    chirpRe[k] = cos[k]!;
    chirpIm[k] = -sin[k]!;
    if (k > 0) {
      chirpRe[size - k] = cos[k]!;
      chirpIm[size - k] = -sin[k]!;
    }
  }
  transform(chirpRe, chirpIm);
  const a = new Float64Array(size);
  const b = new Float64Array(size);
  return (re, im) => {
    a.fill(0);
    b.fill(0);
    for (let k = 0; k < n; k++) {
      a[k] = re[k]! * cos[k]! - im[k]! * sin[k]!;
      b[k] = re[k]! * sin[k]! + im[k]! * cos[k]!;
    }
    transform(a, b);
    for (let k = 0; k < size; k++) {
      const x = a[k]! * chirpRe[k]! - b[k]! * chirpIm[k]!;
      const y = a[k]! * chirpIm[k]! + b[k]! * chirpRe[k]!;
      // Stored swapped: the next forward transform is then the inverse one.
      a[k] = y;
      b[k] = x;
    }
    transform(a, b);
    for (let k = 0; k < n; k++) {
      const x = b[k]! / size;
      const y = a[k]! / size;
      re[k] = x * cos[k]! - y * sin[k]!;
      im[k] = x * sin[k]! + y * cos[k]!;
    }
  };
}
