/**
 * @file The shapes of the commonest EEG artefacts in time and over the head, shared by the
 *   simulator and the corruptions.
 */

import type { Point3 } from "./electrodes.ts";
import type { RandomEvent } from "./noise.ts";

/** The eyeballs, in the coordinates of the electrodes. */
const EYES: readonly Point3[] = [
  [-0.35, 0.98, -0.25],
  [0.35, 0.98, -0.25],
];

/**
 * How strongly each electrode sees a blink: Σ over eyes 1 / distance², 1 at the strongest
 * electrode.
 *
 * @returns [channels].
 */
export function blinkTopography(positions: readonly Point3[]): Float64Array<ArrayBuffer> {
  const weights = Float64Array.from(positions, (p) =>
    EYES.reduce((sum, eye) => sum + 1 / squaredDistance(p, eye), 0),
  );
  const largest = Math.max(...weights);
  return weights.map((w) => w / largest);
}

/**
 * How strongly each electrode sees the jaw and neck muscles: most at the sides, low down; 1 at the
 * strongest.
 */
export function muscleTopography(positions: readonly Point3[]): Float64Array<ArrayBuffer> {
  const weights = Float64Array.from(positions, ([x, , z]) => Math.exp(3 * Math.abs(x) - 2 * z));
  const largest = Math.max(...weights);
  return weights.map((w) => w / largest);
}

function squaredDistance(a: Point3, b: Point3): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

/**
 * Adds one blink: up in the first third and down in the other two, both as half cosines.
 *
 * @param out    [samples].
 * @param height Of the peak.
 */
export function addBlinkShape(
  out: Float64Array,
  rate: number,
  event: RandomEvent,
  height: number,
): void {
  const peak = event.duration / 3;
  eachSample(out, rate, event, (t) =>
    t < peak
      ? (height / 2) * (1 - Math.cos((Math.PI * t) / peak))
      : (height / 2) * (1 + Math.cos((Math.PI * (t - peak)) / (event.duration - peak))),
  );
}

/** Adds a wave of one frequency under a Hann envelope; its phase is the event's last draw. */
export function addBurstShape(
  out: Float64Array,
  rate: number,
  event: RandomEvent,
  frequency: number,
  height: number,
): void {
  eachSample(out, rate, event, (t) => {
    const envelope = 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / event.duration);
    return height * envelope * Math.sin(2 * Math.PI * (frequency * t + event.draws[3]));
  });
}

/** Adds a sudden step that decays with a time constant of a fifth of the event. */
export function addPopShape(
  out: Float64Array,
  rate: number,
  event: RandomEvent,
  height: number,
): void {
  eachSample(out, rate, event, (t) => height * Math.exp((-5 * t) / event.duration));
}

/**
 * Adds what `shape` gives for each sample of an event, or of the part of it inside; t in seconds
 * from its start.
 */
export function eachSample(
  out: Float64Array,
  rate: number,
  event: RandomEvent,
  shape: (t: number, sample: number) => number,
): void {
  const from = Math.max(0, Math.ceil(event.start * rate));
  const to = Math.min(out.length - 1, Math.floor((event.start + event.duration) * rate));
  for (let i = from; i <= to; i++) out[i] = out[i]! + shape(i / rate - event.start, i);
}
