/**
 * @file What can be wrong with a window as it was recorded. It has to be looked for there. A filter
 *   gives a dead channel the ringing of its ends, and the average reference gives it the mean of
 *   all others. Both round off what was clipped.
 */

import { standardDeviation } from "./flat-channels.ts";

export interface RawFaultLimits {
  /**
   * A channel that varies less is flat, µV: as standard deviation of the window, or about one value
   * for part of it.
   */
  readonly minStdUv: number;
  /** Whether clipped windows are faulty. */
  readonly rejectClipped: boolean;
}

/** A channel as it was recorded, with what its faults are told by. */
export interface RawChannel {
  /** µV, of the whole recording. */
  readonly samples: Float64Array;
  /** The lowest and the highest sample: where the recorder clips, if it does. */
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Part of a window, and seconds, for which a channel that stays close to one value counts as dead.
 */
const STUCK_SHARE = 0.25;
const STUCK_SECONDS = 0.1;

/**
 * Samples in a row, and seconds, at the end of a channel's range by which it is clipped: one or two
 * are a peak.
 */
const CLIPPED_SAMPLES = 3;
const CLIPPED_SECONDS = 0.004;

/** Finds the range of a channel. */
export function rawChannel(samples: Float64Array): RawChannel {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const v of samples) {
    if (v < lowest) lowest = v;
    if (v > highest) highest = v;
  }
  return { samples, lowest, highest };
}

/**
 * Why a window as recorded is left out, if it is.
 *
 * Flat: the standard deviation is below `minStdUv`, or a dropout begins or ends in the window. In a
 * dropout the channel stays within `minStdUv` of one value for a quarter of the window and at least
 * 0.1 s. Clipped: three samples in a row, and at least 4 ms of them, are the highest or the lowest
 * of the channel's whole recording.
 *
 * @param start  First sample of the window, at the recording's rate.
 * @param rate   Hz, of the recording.
 * @returns The first channel that is flat, or else the first that is clipped.
 */
export function rawFaultOf(
  channels: readonly RawChannel[],
  start: number,
  length: number,
  rate: number,
  { minStdUv, rejectClipped }: RawFaultLimits,
): { readonly kind: "flat" | "clipped"; readonly channel: number } | undefined {
  const stuck = stuckSamples(length, rate);
  const clippedRun = Math.max(CLIPPED_SAMPLES, Math.ceil(CLIPPED_SECONDS * rate));
  let clipped: number | undefined;
  for (const [channel, { samples, lowest, highest }] of channels.entries()) {
    const to = Math.min(start + length, samples.length);
    if (minStdUv > 0) {
      const isFlat = standardDeviation(samples, start, to - start) < minStdUv;
      if (isFlat || stuckRuns(samples.subarray(start, to), minStdUv, stuck).length > 0)
        return { kind: "flat", channel };
    }
    if (rejectClipped && clipped === undefined) {
      const runs = [lowest, highest].map((end) => longestRun(samples, start, to, end));
      if (Math.max(...runs) >= clippedRun) clipped = channel;
    }
  }
  return clipped === undefined ? undefined : { kind: "clipped", channel: clipped };
}

/**
 * For how many samples a channel has to stay about one value to be no live one, in windows of
 * `length` samples.
 */
export function stuckSamples(length: number, rate: number): number {
  return Math.min(length, Math.ceil(Math.max(STUCK_SHARE * length, STUCK_SECONDS * rate)));
}

/**
 * Where at least `least` samples in a row stay within `tolerance` of the first of them: [from, to)
 * of each.
 */
export function stuckRuns(
  x: Float64Array,
  tolerance: number,
  least: number,
): readonly (readonly [from: number, to: number])[] {
  const runs: [number, number][] = [];
  let first = 0;
  for (let i = 1; i <= x.length; i++) {
    if (i < x.length && Math.abs(x[i]! - x[first]!) < tolerance) continue;
    if (i - first >= least) runs.push([first, i]);
    first = i;
  }
  return runs;
}

/** The most samples in a row that are `value`. */
function longestRun(x: Float64Array, from: number, to: number, value: number): number {
  let longest = 0;
  let run = 0;
  for (let i = from; i < to; i++) {
    run = x[i] === value ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}
