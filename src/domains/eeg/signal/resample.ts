/**
 * @file Change of sampling rate by a ratio of small integers: a polyphase filter with the Kaiser
 *   window, as `scipy.signal.resample_poly` with its defaults.
 */

import { ConcordError, expected } from "../../../errors.ts";

/** Kaiser window's shape parameter. */
const BETA = 5;
/** Filter taps on each side of the middle, per sample of the slower rate. */
const HALF_LENGTH_FACTOR = 10;
/** Bounds the filter to 20 · 10⁴ + 1 taps. */
const MAX_FACTOR = 10_000;

/**
 * A rate change: insert zeros to `up` times the rate, low-pass, keep one in `down`. Lowest terms.
 */
export interface RateChange {
  readonly up: number;
  readonly down: number;
}

/**
 * The ratio that leads from one rate to another, by continued fractions.
 *
 * @throws {ConcordError} `argument/invalid` when no ratio of integers up to 10,000 is within one
 *   part in 10⁹.
 * @example rateChange(250, 128) // { up: 64, down: 125 }
 */
export function rateChange(from: number, to: number): RateChange {
  if (!(from > 0 && to > 0 && Number.isFinite(from) && Number.isFinite(to))) {
    throw expected("rate", "Hz above 0", from > 0 ? to : from);
  }
  const wanted = to / from;
  let [up, down, lastUp, lastDown] = [Math.floor(wanted), 1, 1, 0];
  let rest = wanted - up;
  while (Math.abs(up / down - wanted) > 1e-9 * wanted) {
    const term = Math.floor(1 / rest);
    rest = 1 / rest - term;
    [up, lastUp] = [term * up + lastUp, up];
    [down, lastDown] = [term * down + lastDown, down];
    if (up > MAX_FACTOR || down > MAX_FACTOR) {
      throw new ConcordError(
        "argument/invalid",
        `${from} Hz cannot be resampled to ${to} Hz: their ratio is not one of small integers.`,
        { hint: "Choose a target rate that is a simple multiple or fraction." },
      );
    }
  }
  return { up, down };
}

/**
 * Resamples a signal.
 *
 *   y[m] = Σₙ x[n] · h[m · down − n · up + half],   half = 10 · max(up, down)
 *
 * with h the windowed sinc of cutoff 1 / max(up, down) of the Nyquist frequency, of unit gain times
 * `up`. Samples beyond the ends count as zero, so the first and last 10 samples of the slower rate
 * fade.
 *
 * @returns A new array of ⌈length · up / down⌉ samples.
 */
export function resamplePoly(x: Float64Array, { up, down }: RateChange): Float64Array<ArrayBuffer> {
  for (const [name, value] of Object.entries({ up, down })) {
    if (!Number.isInteger(value) || value < 1 || value > MAX_FACTOR) {
      throw expected(name, `an integer from 1 to ${MAX_FACTOR}`, value);
    }
  }
  const common = greatestCommonDivisor(up, down);
  return resampleLowestTerms(x, up / common, down / common);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function resampleLowestTerms(x: Float64Array, up: number, down: number) {
  if (up === 1 && down === 1) return new Float64Array(x);
  const slower = Math.max(up, down);
  const half = HALF_LENGTH_FACTOR * slower;
  const phases = polyphase(lowPassTaps(half, 1 / slower, up), up);
  const y = new Float64Array(Math.ceil((x.length * up) / down));
  for (let m = 0; m < y.length; m++) {
    const position = m * down + half;
    const taps = phases[position % up]!;
    const newest = Math.floor(position / up);
    const from = Math.max(0, newest - x.length + 1);
    const to = Math.min(taps.length - 1, newest);
    let sum = 0;
    for (let j = from; j <= to; j++) sum += taps[j]! * x[newest - j]!;
    y[m] = sum;
  }
  return y;
}

/** Phase p holds the taps p, p + up, p + 2 up … */
function polyphase(taps: Float64Array, up: number): Float64Array[] {
  return Array.from({ length: up }, (_, phase) =>
    Float64Array.from(
      { length: Math.ceil((taps.length - phase) / up) },
      (_, j) => taps[phase + j * up]!,
    ),
  );
}

/** Windowed sinc of 2 · half + 1 taps, cutoff as a share of Nyquist, taps summing to `gain`. */
function lowPassTaps(half: number, cutoff: number, gain: number): Float64Array {
  const taps = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) {
    const m = i - half;
    const angle = Math.PI * cutoff * m;
    const sinc = m === 0 ? cutoff : (cutoff * Math.sin(angle)) / angle;
    const window = besselI0(BETA * Math.sqrt(1 - (m / half) ** 2)) / besselI0(BETA);
    taps[i] = sinc * window;
    sum += taps[i]!;
  }
  return taps.map((tap) => (gain * tap) / sum);
}

/** Modified Bessel function of the first kind, order 0, by its power series: Σ ((x/2)^k / k!)². */
export function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}
