/**
 * @file The EEG pipeline with the founding one's weaknesses mended: the same electrodes in the same columns everywhere,
 * one rate, one reference, no windows across gaps or with zeros at the end, artefacts left out and counted.
 */

import { ConcordError, expected } from "../../errors.ts";
import { butterworth } from "../../signal/butterworth.ts";
import { electrodeName, isNumberedCap, parseChannelLabel } from "../../signal/channel-labels.ts";
import { ELECTRODES } from "../../signal/electrodes.ts";
import { rateChange } from "../../signal/resample.ts";
import {
  type BandPass,
  DEFAULT_BAND,
  type EegPlan,
  mode,
  nothingLeft,
  type PlannedRecording,
  type RecordingLimit,
  tooLarge,
} from "./pipeline.ts";
import type { RecordedChannel, Recording } from "./recording.ts";
import type { SkippedChannel, SkippedRecording } from "./report.ts";

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
  /** Hz after resampling. Default: the lowest rate of the recordings that most others can be resampled to. */
  readonly rate?: number;
  /** Subtract the mean over electrodes from each. Default true: recordings come with different references. */
  readonly averageReference?: boolean;
  /** A window with a filtered sample beyond ± this is left out. Default 200 µV. */
  readonly maxAmplitudeUv?: number;
  /** A window with a channel whose standard deviation is below this is left out. Default 0.1 µV. */
  readonly minStdUv?: number;
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
} as const;

/** µV per unit, for the spellings that files use. */
const MICROVOLTS: ReadonlyMap<string, number> = new Map([
  ["uv", 1],
  ["µv", 1],
  ["μv", 1],
  ["mv", 1e3],
  ["v", 1e6],
  ["nv", 1e-3],
]);

/** µV per unit of a channel; files that give no unit mean µV. @returns undefined for other quantities. */
export function microvoltsPer(unit: string): number | undefined {
  return unit.trim() === "" ? 1 : MICROVOLTS.get(unit.trim().toLowerCase());
}

/** The electrodes among the channels of a recording. */
export interface Electrodes {
  /** Hz of most of them; those of another are left out. */
  readonly rate: number;
  /** Place of each electrode's channel, by 10–10 name. */
  readonly byName: ReadonlyMap<string, number>;
  readonly skippedChannels: readonly SkippedChannel[];
}

/** The electrodes of one recording that can be used. */
interface Usable extends Electrodes {
  readonly recording: Recording;
}

/**
 * Decides what is kept: the electrodes common to the recordings, and one rate.
 *
 * A recording's rate is that of most of its electrodes; others of it are skipped. Recordings that lack an electrode of an
 * explicit `channels`, have too few, carry less than the band, are too long for memory or cannot be resampled to the
 * common rate are skipped with a reason.
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
    if (missing.length > 0) skip(`it lacks ${missing.join(", ")}`);
    else if (found.byName.size < (wanted ? 1 : minChannels)) {
      skip(`${found.byName.size} scalp electrodes, fewer than ${minChannels}`);
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

/** Finds the scalp electrodes of the 10–10 system among channels, each in volts and once. */
export function electrodesAmong(channels: readonly RecordedChannel[]): Electrodes {
  const skippedChannels: SkippedChannel[] = [];
  const candidates: { index: number; name: string; channel: RecordedChannel }[] = [];
  const numbered = isNumberedCap(channels.map((c) => c.label));
  for (const [index, channel] of channels.entries()) {
    const parsed = parseChannelLabel(channel.label);
    const skip = (reason: string) => skippedChannels.push({ label: channel.label, reason });
    if (numbered) skip("a position of the cap's own numbering, not of the 10–10 system");
    else if (parsed.kind === "bipolar") skip("a difference of two electrodes");
    else if (parsed.kind === "other") skip("no scalp electrode of the 10–10 system");
    else if (!channel.isCalibrated) skip("no calibration");
    else if (microvoltsPer(channel.unit) === undefined)
      skip(`unit "${channel.unit}" is no voltage`);
    else candidates.push({ index, name: parsed.name, channel });
  }
  const rate = mode(candidates.map((c) => c.channel.rate)) ?? 0;
  const byName = new Map<string, number>();
  for (const { index, name, channel } of candidates) {
    const skip = (reason: string) => skippedChannels.push({ label: channel.label, reason });
    if (channel.rate !== rate) skip(`${channel.rate} Hz, not ${rate} Hz`);
    else if (byName.has(name)) skip(`${name} a second time`);
    else byName.set(name, index);
  }
  return { rate, byName, skippedChannels };
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
        reason: "not in every recording used",
      })),
    ],
    warnings: u.recording.warnings,
  };
}
