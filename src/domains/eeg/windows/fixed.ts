/**
 * @file The EEG pipeline with the weaknesses of the published one mended. The same electrodes are
 *   in the same columns everywhere, with one rate and one reference. No windows lie across gaps or
 *   have zeros at the end, and artefacts are left out and counted.
 */

import { ConcordError, expected } from "../../../errors.ts";
import { type Electrodes, electrodesAmong, whyLacking } from "../recordings/recorded-electrodes.ts";
import type { Recording } from "../recordings/recording.ts";
import { NOT_COMMON, type SkippedRecording } from "../recordings/report.ts";
import { channelWords } from "../recordings/report-words.ts";
import { butterworth } from "../signal/butterworth.ts";
import { electrodeName } from "../signal/channel-labels.ts";
import { ELECTRODES } from "../signal/electrodes.ts";
import { rateChange } from "../signal/resample.ts";
import {
  type BandPass,
  DEFAULT_BAND,
  type EegPlan,
  nothingIn,
  nothingLeft,
  type PlannedRecording,
  type RecordingLimit,
  tooLarge,
} from "./pipeline.ts";

export interface FixedOptions extends BandPass, RecordingLimit {
  readonly variant: "fixed";
  /** Default 1. */
  readonly windowSeconds?: number;
  /** Share of a window that neighbours have in common, 0 to below 1. Default 0.5. */
  readonly overlap?: number;
  /** 10–10 names, in the order wanted. Default: all electrodes that every recording has. */
  readonly channels?: readonly string[];
  /** Recordings with fewer electrodes are skipped when `channels` is not given. Default 8. */
  readonly minChannels?: number;
  /**
   * Hz after resampling. Default: the lowest rate of the recordings that most others can be
   * resampled to.
   */
  readonly rate?: number;
  /**
   * Subtract the mean over electrodes from each. Default true: recordings come with different
   * references.
   */
  readonly averageReference?: boolean;
  /** A window with a filtered sample beyond ± this is left out. Default 200 µV. */
  readonly maxAmplitudeUv?: number;
  /**
   * A window with a channel that is flat is left out. Its standard deviation is below this, as
   * recorded or filtered, or it stays this close to one value for a quarter of the window. A
   * channel that is flat from beginning to end is left out of its recording, and so of the average
   * reference. 0: nothing is flat. Default 0.1 µV.
   */
  readonly minStdUv?: number;
  /**
   * Leave out windows in which a channel as recorded stays at the end of its range. Default true.
   */
  readonly rejectClipped?: boolean;
  /** What the numbers of a window are: z-scores per channel (default), or µV. */
  readonly scale?: "z_score" | "microvolts";
}

export const FIXED_DEFAULTS = {
  windowSeconds: 1,
  overlap: 0.5,
  minChannels: 8,
  averageReference: true,
  maxAmplitudeUv: 200,
  minStdUv: 0.1,
  rejectClipped: true,
} as const;

/** The electrodes of one recording that can be used. */
interface Usable extends Electrodes {
  readonly recording: Recording;
}

/**
 * Decides what is kept: the electrodes common to the recordings, and one rate.
 *
 * A recording's rate is that of most of its electrodes; others of it are skipped. Recordings are
 * skipped with a reason when they lack an electrode of an explicit `channels`, have too few or
 * carry less than the band. So are those that are too long for memory or cannot be resampled to the
 * common rate.
 *
 * @throws {ConcordError} `config/invalid` when no recording or too few common electrodes are left.
 */
export function planFixed(
  recordings: readonly Recording[],
  unreadable: readonly SkippedRecording[],
  options: FixedOptions,
): EegPlan {
  const { low, high, order } = { ...DEFAULT_BAND, ...options };
  const minChannels = options.minChannels ?? FIXED_DEFAULTS.minChannels;
  const wanted = options.channels?.map(canonicalName);
  const skipped: SkippedRecording[] = [...unreadable];
  const candidates: Usable[] = [];
  for (const recording of recordings) {
    const skip = (reason: string) => skipped.push({ name: recording.name, reason });
    const found = electrodesOf(recording);
    const missing = wanted?.filter((name) => !found.byName.has(name)) ?? [];
    if (recording.seconds === 0 && recording.channels.length > 0) skip(nothingIn(recording));
    else if (missing.length > 0) {
      skip(`it lacks ${whyLacking(missing, recording.channels, found)}`);
    } else if (found.byName.size < (wanted ? 1 : minChannels)) {
      const left = channelWords(found.skippedChannels);
      const why = left === "" ? "" : ` (left out: ${left})`;
      skip(`${found.byName.size} scalp electrodes, fewer than ${minChannels}${why}`);
    } else if (found.rate <= 2 * high) {
      skip(`${found.rate} Hz carry less than the band's ${high} Hz`);
    } else {
      const large = tooLarge(recording, wanted?.length ?? found.byName.size, found.rate, options);
      if (large !== undefined) skip(large);
      else candidates.push(found);
    }
  }
  if (candidates.length === 0) throw nothingLeft(skipped);
  const rate = options.rate ?? commonRate(candidates.map((u) => u.rate));
  if (!(rate > 2 * high))
    throw expected("rate", `above twice the band's end (${2 * high} Hz)`, rate);
  const usable = candidates.filter(({ recording, rate: own }) => {
    const possible = canResample(own, rate);
    if (!possible) {
      const reason = `its ${own} Hz cannot be resampled to ${rate} Hz: no ratio of small integers`;
      skipped.push({ name: recording.name, reason });
    }
    return possible;
  });
  if (usable.length === 0) throw nothingLeft(skipped);
  butterworth(order, { kind: "bandPass", low, high }, rate);
  const names = wanted ?? commonElectrodes(usable, minChannels);
  const seconds = options.windowSeconds ?? FIXED_DEFAULTS.windowSeconds;
  const samples = Math.round(seconds * rate);
  if (!(samples >= 2)) throw expected("windowSeconds", "at least two samples", seconds);
  return {
    layout: { channels: names, rate, samples },
    planned: usable.map((u) => plan(u, names)),
    skipped,
    notes: [],
  };
}

/** Whether {@link rateChange} has an answer. */
function canResample(from: number, to: number): boolean {
  try {
    rateChange(from, to);
    return true;
  } catch {
    return false;
  }
}

/** The lowest rate among those to which most of the recordings can be resampled. */
function commonRate(rates: readonly number[]): number {
  const distinct = [...new Set(rates)].sort((a, b) => a - b);
  const reached = distinct.map((to) => rates.filter((from) => canResample(from, to)).length);
  return distinct[reached.indexOf(Math.max(...reached))]!;
}

function canonicalName(name: string): string {
  const known = electrodeName(name);
  if (known === undefined)
    throw expected("channels", "10–10 electrode names such as Fp1, Cz", name);
  return known;
}

function electrodesOf(recording: Recording): Usable {
  return { recording, ...electrodesAmong(recording.channels) };
}

/** Electrodes of every recording, front to back as the position list has them. */
function commonElectrodes(usable: readonly Usable[], minChannels: number): string[] {
  const common = ELECTRODES.filter((name) => usable.every((u) => u.byName.has(name)));
  if (common.length >= minChannels) return common;
  const fewest = usable.reduce((a, b) => (a.byName.size <= b.byName.size ? a : b));
  throw new ConcordError(
    "config/invalid",
    `The ${usable.length} recordings have only ${common.length} electrodes in common, fewer than ${minChannels}.`,
    {
      hint: `Name the electrodes in \`channels\` (recordings without them are skipped), or leave out ${fewest.recording.name}.`,
    },
  );
}

function plan(u: Usable, names: readonly string[]): PlannedRecording {
  const unused = [...u.byName].filter(([name]) => !names.includes(name));
  return {
    recording: u.recording,
    indices: names.map((name) => u.byName.get(name)!),
    rate: u.rate,
    skippedChannels: [
      ...u.skippedChannels,
      ...unused.map(([, index]) => ({
        label: u.recording.channels[index]!.label,
        reason: NOT_COMMON,
      })),
    ],
    warnings: u.recording.warnings,
  };
}
