/**
 * @file Simulated recordings for the pipelines: a labelled stand-in where real ones cannot be had.
 */

import { expected } from "../../../errors.ts";
import { type SimulatedEegOptions, simulateEeg } from "../signal/simulated-eeg.ts";
import type { Recording } from "./recording.ts";

/** Several recordings that differ only in their seed. */
export interface SimulatedRecordings extends Omit<SimulatedEegOptions, "seed"> {
  readonly recordings: number;
  /** Of the first recording; the others count up. Default 0. */
  readonly seed?: number;
}

/** What reports say where simulated recordings stand in for real ones. */
export const SIMULATED_SUBSTITUTE =
  "simulated EEG (1/f background, alpha and beta bursts, blinks, line noise), not recorded from anyone";

/** Each is simulated anew when it is read, so that many take no more memory than one. */
export function simulatedRecordings(options: SimulatedRecordings): Recording[] {
  const { recordings, seed = 0, ...rest } = options;
  if (!Number.isInteger(recordings) || recordings < 1) {
    throw expected("simulated.recordings", "an integer ≥ 1", recordings);
  }
  const { labels, rate } = simulateEeg({ ...rest, seed, seconds: 1 });
  const seconds = Math.floor(rest.seconds * rate) / rate;
  return Array.from({ length: recordings }, (_, i) => ({
    name: `simulated-${seed + i}`,
    channels: labels.map((label) => ({ label, unit: "uV", rate, isCalibrated: true })),
    seconds,
    stretches: [{ from: 0, to: seconds }],
    truncated: false,
    warnings: [],
    async read(indices) {
      const eeg = simulateEeg({ ...rest, seed: seed + i });
      return indices.map((c) => new Float64Array(eeg.channels[c]!));
    },
  }));
}
