/**
 * @file The EEG pipeline of the MFR authors' code, step by step (Mutual Feature
 *   Regularization, arXiv:2411.01220, commit e9ec664): channels at the modal rate,
 *   band-pass, one-second windows, z-score, half precision. Its weaknesses are kept and reported;
 *   `fixed.ts` mends them.
 */

import { fromFloat16, toFloat16 } from "../../../base/float16.ts";
import { ConcordError } from "../../../errors.ts";
import { showName, showNames } from "../../../formats/show-name.ts";
import type { Recording } from "../recordings/recording.ts";
import type { SkippedRecording } from "../recordings/report.ts";
import { butterworth } from "../signal/butterworth.ts";
import { parseChannelLabel } from "../signal/channel-labels.ts";
import { defaultPadLength, sosfiltfilt } from "../signal/sections.ts";
import { copyWindow, windowStarts } from "../signal/windows.ts";
import { zScore } from "../signal/z-score.ts";
import {
  type BandPass,
  DEFAULT_BAND,
  type EegPlan,
  mode,
  nothingIn,
  nothingLeft,
  type PlannedRecording,
  type RecordingLimit,
  type RecordingWindows,
  tooLarge,
  type WindowLayout,
} from "./pipeline.ts";

export interface FaithfulOptions extends BandPass, RecordingLimit {
  readonly variant: "faithful";
  /** Default 1. */
  readonly windowSeconds?: number;
}

/**
 * Decides what is kept.
 *
 * The modal rate is taken over all channels of all recordings. Of each recording its own modal
 * rate's channels are kept. The recording is kept when that is the modal rate and their number that
 * of the first recording kept. Ties go to the rate seen first. Which electrodes they are is not
 * looked at.
 *
 * Where the program would stop (a file that its reader refuses, one too short for the filter) the
 * recording is skipped with a reason.
 *
 * @throws {ConcordError} `config/invalid` when nothing is left or the band does not fit the rate.
 */
export function planFaithful(
  recordings: readonly Recording[],
  unreadable: readonly SkippedRecording[],
  options: FaithfulOptions,
): EegPlan {
  const { high, low, order } = { ...DEFAULT_BAND, ...options };
  const skipped: SkippedRecording[] = [...unreadable];
  const rate = mode(recordings.flatMap((r) => r.channels.map((c) => c.rate)).filter((r) => r > 0));
  if (rate === undefined) throw nothingLeft(skipped);
  if (high >= rate / 2) {
    throw new ConcordError(
      "config/invalid",
      `The band-pass ends at ${high} Hz, but most channels have ${rate} Hz, which carries less than ${rate / 2} Hz.`,
      { hint: rateHint(recordings, rate) },
    );
  }
  const pad = defaultPadLength(butterworth(order, { kind: "bandPass", low, high }, rate));
  const samples = Math.floor((options.windowSeconds ?? 1) * rate);
  const planned: PlannedRecording[] = [];
  let labels: string[] | undefined;
  let otherLabels = 0;
  for (const recording of recordings) {
    const skip = (reason: string) => skipped.push({ name: recording.name, reason });
    if (recording.seconds === 0 && recording.channels.length > 0) {
      skip(nothingIn(recording));
      continue;
    }
    const own = mode(recording.channels.map((c) => c.rate));
    if (own !== rate) {
      skip(own === undefined ? "no channels" : `its modal rate is ${own} Hz, not ${rate} Hz`);
      continue;
    }
    const indices = recording.channels.flatMap((c, i) => (c.rate === rate ? [i] : []));
    const bad = indices.map((i) => recording.channels[i]!).find((c) => !c.isCalibrated);
    if (bad !== undefined) {
      const why = bad.calibrationFault ? `: ${bad.calibrationFault}` : "";
      skip(`channel "${showName(bad.label)}" has no calibration${why}`);
      continue;
    }
    if (labels !== undefined && indices.length !== labels.length) {
      skip(`it has ${indices.length} channels, the first recording ${labels.length}`);
      continue;
    }
    if (Math.round(recording.seconds * rate) <= pad) {
      skip(
        `${recording.seconds} s are too short for the filter, which needs more than ${pad} samples`,
      );
      continue;
    }
    const large = tooLarge(recording, indices.length, rate, options);
    if (large !== undefined) {
      skip(large);
      continue;
    }
    const own_labels = indices.map((i) => recording.channels[i]!.label);
    labels ??= own_labels;
    if (own_labels.some((label, c) => label !== labels![c])) otherLabels++;
    planned.push({
      recording,
      indices,
      rate,
      skippedChannels: recording.channels.flatMap(({ label, rate: r }) =>
        r === rate ? [] : [{ label, reason: `${r} Hz, not ${rate} Hz` }],
      ),
      warnings: [...recording.warnings, ...flatWarnings(recording, indices)],
    });
  }
  if (labels === undefined) throw nothingLeft(skipped);
  return {
    layout: { channels: labels, rate, samples },
    planned,
    skipped,
    notes: notes(planned, otherLabels),
  };
}

/**
 * Channels that carry nothing: the MFR authors' code keeps them, and so does this variant, but not
 * in silence.
 */
function flatWarnings({ channels }: Recording, indices: readonly number[]): string[] {
  const flat = indices.flatMap((i) => (channels[i]!.isFlat ? [channels[i]!.label] : []));
  if (flat.length === 0) return [];
  return [`flat from beginning to end, kept as zeros: ${showNames(flat)}`];
}

/**
 * What to do when the rate of most channels does not carry the band: mostly it is not that of the
 * EEG.
 */
function rateHint(recordings: readonly Recording[], rate: number): string {
  const isEeg = ({ label }: { label: string }) => parseChannelLabel(label).kind !== "other";
  const eeg = recordings.flatMap((r) => r.channels.filter(isEeg).map((c) => c.rate));
  const own = [...new Set(eeg)].sort((a, b) => a - b);
  if (own.length === 0 || own.includes(rate))
    return "Set `high` below half the rate, or choose other recordings.";
  return `The EEG channels have ${own.join(", ")} Hz, but this variant goes by most channels, whatever they record: choose recordings whose channels are mostly EEG, or variant: fixed, which looks at electrodes alone.`;
}

function notes(planned: readonly PlannedRecording[], otherLabels: number): string[] {
  const found = [
    "The MFR authors' code filters with one fraction of eleven coefficients; the stable sections used here differ from it by rounding only (4e-6 of the range at 250 Hz, 1 % at 500 Hz; the fraction is unstable at 1000 Hz).",
  ];
  if (otherLabels > 0) {
    found.push(
      `${otherLabels} recording(s) name their channels otherwise than the first: the same column of a window is not the same electrode everywhere.`,
    );
  }
  const interrupted = planned.filter((p) => p.recording.stretches.length > 1).length;
  if (interrupted > 0) {
    found.push(
      `${interrupted} recording(s) have gaps, which the pipeline filters and cuts across; the reader of the MFR authors' code refuses such files.`,
    );
  }
  return found;
}

/**
 * Makes one recording's windows: band-pass, cut, complete the last with zeros, z-score per channel,
 * round to half precision.
 */
export async function faithfulWindows(
  { recording, indices, rate, skippedChannels, warnings }: PlannedRecording,
  layout: WindowLayout,
  options: FaithfulOptions,
): Promise<RecordingWindows> {
  const { low, high, order } = { ...DEFAULT_BAND, ...options };
  const sections = butterworth(order, { kind: "bandPass", low, high }, rate);
  const channels = await recording.read(indices);
  for (const x of channels) sosfiltfilt(sections, x, undefined, x);
  const { samples } = layout;
  const n = channels[0]!.length;
  const starts = windowStarts(n, { length: samples, remainder: "pad" });
  const dIn = channels.length * samples;
  const windows = new Float32Array(starts.length * dIn);
  const row = new Float64Array(dIn);
  for (const [w, start] of starts.entries()) {
    copyWindow(channels, start, samples, row);
    for (let c = 0; c < channels.length; c++) zScore(row, c * samples, (c + 1) * samples);
    for (let i = 0; i < dIn; i++) windows[w * dIn + i] = fromFloat16(toFloat16(row[i]!));
  }
  return {
    name: recording.name,
    windows,
    starts: Float64Array.from(starts, (s) => s / rate),
    used: {
      name: recording.name,
      rate,
      seconds: recording.seconds,
      windows: starts.length,
      paddedWindows: n % samples === 0 ? 0 : 1,
      rejected: { amplitude: 0, flat: 0, clipped: 0 },
      rejectedBy: {},
      shortStretches: 0,
      skippedChannels,
      truncated: recording.truncated,
      warnings,
    },
  };
}
