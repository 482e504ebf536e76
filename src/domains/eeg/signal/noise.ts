/** @file Random signals by position: 1/f noise, and the draws that events are made of. */

import { type RandomStream, uniformAt } from "../../../base/philox.ts";
import { whiteNoise } from "../../../base/white-noise.ts";
import { fftPlan } from "./fft.ts";

/**
 * Noise whose power falls as 1 / f^exponent, of mean 0 and mean square 1.
 *
 * White normal numbers shaped in the frequency domain over the next power of two, of which the
 * first n samples are kept. Below `flatBelow` the spectrum is flat, so that the slowest waves do
 * not swamp the rest.
 *
 * @param rate Hz.
 * @returns [n].
 */
export function pinkNoise(
  stream: RandomStream,
  n: number,
  rate: number,
  exponent = 1,
  flatBelow = 0.5,
): Float64Array<ArrayBuffer> {
  let size = 2;
  while (size < n) size *= 2;
  const draws = whiteNoise(stream, size);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let k = 1; k < size / 2; k++) {
    const weight = Math.max(flatBelow, (k * rate) / size) ** (-exponent / 2);
    re[k] = weight * draws[2 * k]!;
    im[k] = weight * draws[2 * k + 1]!;
    re[size - k] = re[k]!;
    im[size - k] = -im[k]!;
  }
  fftPlan(size).inverse(re, im);
  return normalised(re.slice(0, n));
}

/** Subtracts the mean and scales to mean square 1, in place; zeros stay zeros. */
export function normalised<T extends Float64Array>(x: T): T {
  let mean = 0;
  for (const v of x) mean += v;
  mean /= x.length;
  let power = 0;
  for (const v of x) power += (v - mean) ** 2;
  const scale = power === 0 ? 0 : Math.sqrt(x.length / power);
  for (let i = 0; i < x.length; i++) x[i] = (x[i]! - mean) * scale;
  return x;
}

/** Something that happens now and then: seconds, and four uniform draws to make it individual. */
export interface RandomEvent {
  readonly start: number;
  readonly duration: number;
  readonly draws: readonly [number, number, number, number];
}

/**
 * Events with exponential pauses between them: a Poisson process with dead time.
 *
 * @param seconds   How long the process runs; an event may reach beyond the end.
 * @param meanPause Mean seconds from the end of an event to the start of the next.
 * @param duration  Shortest and longest event, seconds; uniform between.
 */
export function randomEvents(
  stream: RandomStream,
  seconds: number,
  meanPause: number,
  duration: readonly [number, number],
): RandomEvent[] {
  const events: RandomEvent[] = [];
  let time = 0;
  for (let e = 0; ; e++) {
    const draw = (i: number) => uniformAt(stream, 8 * e + i);
    time += -meanPause * Math.log(1 - draw(0));
    if (time >= seconds) return events;
    const length = duration[0] + (duration[1] - duration[0]) * draw(1);
    events.push({
      start: time,
      duration: length,
      draws: [draw(2), draw(3), draw(4), draw(5)],
    });
    time += length;
  }
}
