/**
 * @file Channels that carry nothing over a whole recording: an electrode that was not connected, a
 *   dead amplifier input.
 */

import type { EdfFile } from "../edf/edf-file.ts";
import { microvoltsPer } from "../signal/voltage-units.ts";

/** Seconds that are judged as one. */
const STRETCH_SECONDS = 1;

/**
 * Stretches read at first, and the most at a time: a channel that is alive mostly shows it at once.
 */
const FIRST_STRETCHES = 4;
const MOST_STRETCHES = 256;

/**
 * Finds the signals of a file that are flat from beginning to end. In no second of what is stored
 * does their standard deviation reach `minStdUv`. What is constant is flat whatever its value.
 * Samples are read until one such second is found.
 *
 * @param indices  Into `file.signals`; those that are not a voltage or have no calibration, rate or
 *   samples are not judged.
 * @param minStdUv 0: nothing is flat.
 */
export async function flatSignals(
  file: EdfFile,
  indices: readonly number[],
  minStdUv: number,
): Promise<Set<number>> {
  const flat = new Set<number>();
  for (const index of indices) {
    const { isCalibrated, rate, unit } = file.signals[index]!;
    const factor = microvoltsPer(unit);
    if (!isCalibrated || factor === undefined || minStdUv <= 0) continue;
    if (rate === 0 || file.sampleCount(index) === 0) continue;
    const stretch = Math.max(2, Math.round(STRETCH_SECONDS * rate));
    if (await isFlat(file, index, stretch, minStdUv / factor)) flat.add(index);
  }
  return flat;
}

async function isFlat(
  file: EdfFile,
  index: number,
  stretch: number,
  minStd: number,
): Promise<boolean> {
  const total = file.sampleCount(index);
  let stretches = FIRST_STRETCHES;
  for (let startSample = 0; startSample < total; ) {
    const count = Math.min(stretches * stretch, total - startSample);
    const x = await file.readSignal(index, { startSample, count });
    for (let at = 0; at < count; at += stretch) {
      if (!(standardDeviation(x, at, Math.min(stretch, count - at)) < minStd)) return false;
    }
    startSample += count;
    stretches = Math.min(4 * stretches, MOST_STRETCHES);
  }
  return true;
}

/** Of `length` samples from `start` on, about their own mean. */
export function standardDeviation(x: Float64Array, start: number, length: number): number {
  let mean = 0;
  for (let i = start; i < start + length; i++) mean += x[i]! / length;
  let variance = 0;
  for (let i = start; i < start + length; i++) variance += (x[i]! - mean) ** 2 / length;
  return Math.sqrt(variance);
}
