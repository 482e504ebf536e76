/**
 * @file What the two EEG pipelines have in common: a plan made from headers alone, and windows made
 *   recording by recording.
 */

import { ConcordError } from "../../../errors.ts";
import type { SignalLayout } from "../../../sources/source.ts";
import type { Recording } from "../recordings/recording.ts";
import type { SkippedChannel, SkippedRecording, UsedRecording } from "../recordings/report.ts";
import { skippedWords } from "../recordings/report-words.ts";

/** How a row of the windows is laid out. */
export type WindowLayout = SignalLayout;

/** A recording that will be used, and which of its channels. */
export interface PlannedRecording {
  readonly recording: Recording;
  /** Into `recording.channels`, in the layout's order. */
  readonly indices: readonly number[];
  /** Hz of these channels. */
  readonly rate: number;
  readonly skippedChannels: readonly SkippedChannel[];
  readonly warnings: readonly string[];
}

export interface EegPlan {
  readonly layout: WindowLayout;
  readonly planned: readonly PlannedRecording[];
  readonly skipped: readonly SkippedRecording[];
  readonly notes: readonly string[];
  /** What reports say when the recordings stand in for others. */
  readonly substitute?: string;
}

/** The windows of one recording. */
export interface RecordingWindows {
  readonly name: string;
  /** [windows, channels × samples], row-major. */
  readonly windows: Float32Array<ArrayBuffer>;
  /** Seconds of stored signal at which each window begins, [windows]. */
  readonly starts: Float64Array<ArrayBuffer>;
  readonly used: UsedRecording;
}

/**
 * The most that one recording may take in memory, by default: the samples of its channels as
 * float64.
 */
const MAX_RECORDING_BYTES = 2 ** 31;

export interface RecordingLimit {
  /**
   * Recordings whose samples, as float64, take more bytes are skipped. Default 2 GiB: eleven hours
   * of 26 channels at 256 Hz. Making the windows of one takes up to three times that.
   */
  readonly maxRecordingBytes?: number;
}

/**
 * Why a recording is too long to be held in memory, if it is: filtering forward and backward needs
 * all of it at once.
 */
export function tooLarge(
  { seconds }: Recording,
  channels: number,
  rate: number,
  { maxRecordingBytes = MAX_RECORDING_BYTES }: RecordingLimit,
): string | undefined {
  const bytes = 8 * channels * seconds * rate;
  if (bytes <= maxRecordingBytes) return undefined;
  return `${channels} channels of ${seconds} s at ${rate} Hz take ${Math.round(bytes)} bytes of memory, more than the ${maxRecordingBytes} allowed for one recording (max_recording_bytes)`;
}

/** The band-pass that both pipelines begin with. */
export interface BandPass {
  /** Hz. Default 0.5. */
  readonly low?: number;
  /** Hz. Default 45. */
  readonly high?: number;
  /** Default 5. */
  readonly order?: number;
}

/** The MFR authors' band. */
export const DEFAULT_BAND = { low: 0.5, high: 45, order: 5 } as const;

/** The most frequent value, the first seen among equals. @returns undefined for an empty list. */
export function mode(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  let best: number | undefined;
  for (const [value, count] of counts) {
    if (best === undefined || count > counts.get(best)!) best = value;
  }
  return best;
}

/** The error when no recording is left, with the reasons of all. */
export function nothingLeft(skipped: readonly SkippedRecording[]): ConcordError {
  return new ConcordError(
    "config/invalid",
    `None of the ${skipped.length} EEG recordings can be used. ${skippedWords(skipped)}`,
    { hint: "Compare the recordings with `concord edf info`." },
  );
}

/** Why a recording without a second of signal cannot be used. */
export function nothingIn({ warnings }: Recording): string {
  return ["it lasts 0 s.", ...warnings].join(" ").replace(/\.$/, "");
}
