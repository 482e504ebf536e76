/**
 * @file What became of every recording and channel: nothing is left out without a line that says
 *   so.
 */

import { sum } from "../../../base/statistics/mean.ts";

/** A channel that is not in the windows. */
export interface SkippedChannel {
  readonly label: string;
  readonly reason: string;
}

/** Reasons that are not faults of the channel. */
export const BIPOLAR = "a difference of two electrodes";
export const OWN_NUMBERING = "a position of the cap's own numbering, not of the 10–10 system";
export const NOT_COMMON = "not in every recording used";

/** Windows left out as artefacts, by the first test that they failed. */
export interface Rejected {
  /** A filtered sample beyond the limit. */
  readonly amplitude: number;
  /** A channel that is flat, as recorded, filtered or referenced. */
  readonly flat: number;
  /** A channel that stays at the end of its range. */
  readonly clipped: number;
}

/** One recording that was used. */
export interface UsedRecording {
  readonly name: string;
  /** Hz, before resampling. */
  readonly rate: number;
  /** Seconds of stored signal. */
  readonly seconds: number;
  readonly windows: number;
  /** Windows completed with zeros. */
  readonly paddedWindows: number;
  readonly rejected: Rejected;
  /** How often each channel was the reason, for channels that were at all. */
  readonly rejectedBy: Readonly<Record<string, number>>;
  /** Stretches between gaps that are too short for the filter or for one window. */
  readonly shortStretches: number;
  readonly skippedChannels: readonly SkippedChannel[];
  /** True when the file ends before its header says: the windows are those of what is there. */
  readonly truncated: boolean;
  readonly warnings: readonly string[];
}

/** One recording that was left out. */
export interface SkippedRecording {
  readonly name: string;
  readonly reason: string;
}

export interface EegReport {
  readonly variant: "faithful" | "fixed";
  readonly used: readonly UsedRecording[];
  readonly skipped: readonly SkippedRecording[];
  /** Sums over `used`. */
  readonly windows: number;
  readonly paddedWindows: number;
  readonly rejected: Rejected;
  /** What a reader of results should know. */
  readonly notes: readonly string[];
}

/** The sum of all windows that were left out. Records of older runs do not count clipped ones. */
export function rejectedWindows(rejected: Rejected): number {
  return sum(Object.values(rejected));
}

/** Adds up the recordings. */
export function eegReport(
  parts: Pick<EegReport, "variant" | "used" | "skipped" | "notes">,
): EegReport {
  const sum = (count: (r: UsedRecording) => number) =>
    parts.used.reduce((total, r) => total + count(r), 0);
  return {
    ...parts,
    windows: sum((r) => r.windows),
    paddedWindows: sum((r) => r.paddedWindows),
    rejected: {
      amplitude: sum((r) => r.rejected.amplitude),
      flat: sum((r) => r.rejected.flat),
      clipped: sum((r) => r.rejected.clipped),
    },
  };
}
