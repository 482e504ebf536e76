/** @file The windows of one recording in the `fixed` pipeline. */

import { expected } from "../../../errors.ts";
import { standardDeviation } from "../recordings/flat-channels.ts";
import { rawChannel, rawFaultOf } from "../recordings/raw-faults.ts";
import { butterworth } from "../signal/butterworth.ts";
import { commonAverageReference } from "../signal/multichannel.ts";
import { rateChange, resamplePoly } from "../signal/resample.ts";
import { defaultPadLength, type Sections, sosfiltfilt } from "../signal/sections.ts";
import { microvoltsPer } from "../signal/voltage-units.ts";
import { copyWindow, windowStarts } from "../signal/windows.ts";
import { zScore } from "../signal/z-score.ts";
import { FIXED_DEFAULTS, type FixedOptions } from "./fixed.ts";
import {
  DEFAULT_BAND,
  type PlannedRecording,
  type RecordingWindows,
  type WindowLayout,
} from "./pipeline.ts";

/** A stretch between two gaps, ready to be cut. */
interface CleanStretch {
  /** Seconds at which it begins in the recording. */
  readonly from: number;
  readonly clean: readonly Float64Array[];
  readonly starts: readonly number[];
  /**
   * By window, the channel that is flat after the filter and before the average reference, if one
   * is.
   */
  readonly flat: readonly (number | undefined)[];
}

/**
 * Makes one recording's windows, stretch by stretch between its gaps: µV, band-pass, resampling,
 * average reference, whole windows only, artefacts left out, z-score per channel unless `scale`
 * says µV.
 *
 * A window is judged three times: as recorded (`rawFaultOf`), filtered, and referenced
 * (`artefactOf`), since each step hides what the one before it shows. What is beyond the amplitude
 * counts as that, whatever else it is.
 */
export async function fixedWindows(
  { recording, indices, rate, skippedChannels, warnings }: PlannedRecording,
  layout: WindowLayout,
  options: FixedOptions,
): Promise<RecordingWindows> {
  const settings = { ...FIXED_DEFAULTS, ...DEFAULT_BAND, ...options };
  const { low, high, order, overlap } = settings;
  if (!(overlap >= 0 && overlap < 1))
    throw expected("overlap", "a share from 0 to below 1", overlap);
  const sections = butterworth(order, { kind: "bandPass", low, high }, rate);
  const read = await recording.read(indices);
  for (const [c, x] of read.entries()) {
    const factor = microvoltsPer(recording.channels[indices[c]!]!.unit)!;
    if (factor !== 1) for (let i = 0; i < x.length; i++) x[i] = x[i]! * factor;
  }
  const raw = read.map(rawChannel);
  const { samples } = layout;
  const cut = { length: samples, overlap: Math.min(samples - 1, Math.round(overlap * samples)) };
  const stretches = recording.stretches.map((stretch): CleanStretch => {
    const from = Math.round(stretch.from * rate);
    const channels = read.map((x) => x.subarray(from, Math.round(stretch.to * rate)));
    const clean = filtered(channels, rate, layout.rate, sections);
    const starts = windowStarts(clean[0]?.length ?? 0, cut);
    const flat = starts.map((start) => flatChannel(clean, start, samples, settings.minStdUv));
    if (settings.averageReference) commonAverageReference(clean);
    return { from: stretch.from, clean, starts, flat };
  });
  const rawSamples = Math.round((samples / layout.rate) * rate);
  const faultOf = ({ from, clean, flat }: CleanStretch, start: number, w: number) => {
    const fault = artefactOf(clean, start, samples, settings.maxAmplitudeUv, settings.minStdUv);
    if (fault?.kind === "amplitude") return fault;
    const rawStart = Math.round((from + start / layout.rate) * rate);
    const asRecorded = rawFaultOf(raw, rawStart, rawSamples, rate, settings);
    if (asRecorded) return asRecorded;
    const channel = flat[w];
    return channel === undefined ? fault : { kind: "flat" as const, channel };
  };
  const dIn = indices.length * samples;
  const most = stretches.reduce((sum, s) => sum + s.starts.length, 0);
  const windows = new Float32Array(most * dIn);
  const times: number[] = [];
  const rejected = { amplitude: 0, flat: 0, clipped: 0 };
  const rejectedBy: Record<string, number> = {};
  for (const stretch of stretches) {
    for (const [w, start] of stretch.starts.entries()) {
      const fault = faultOf(stretch, start, w);
      if (fault !== undefined) {
        rejected[fault.kind]++;
        const name = layout.channels[fault.channel]!;
        rejectedBy[name] = (rejectedBy[name] ?? 0) + 1;
        continue;
      }
      const at = times.length * dIn;
      copyWindow(stretch.clean, start, samples, windows, at);
      for (let c = 0; c < indices.length && options.scale !== "microvolts"; c++) {
        zScore(windows, at + c * samples, at + (c + 1) * samples);
      }
      times.push(stretch.from + start / layout.rate);
    }
  }
  return {
    name: recording.name,
    windows: windows.slice(0, times.length * dIn),
    starts: Float64Array.from(times),
    used: {
      name: recording.name,
      rate,
      seconds: recording.seconds,
      windows: times.length,
      paddedWindows: 0,
      rejected,
      rejectedBy,
      shortStretches: stretches.filter((s) => s.starts.length === 0).length,
      skippedChannels,
      truncated: recording.truncated,
      warnings,
    },
  };
}

/** Filtered and resampled; nothing when the stretch is too short for the filter. */
function filtered(
  channels: readonly Float64Array[],
  rate: number,
  newRate: number,
  sections: Sections,
): Float64Array[] {
  if ((channels[0]?.length ?? 0) <= defaultPadLength(sections)) return [];
  const change = rateChange(rate, newRate);
  return channels.map((x) => resamplePoly(sosfiltfilt(sections, x), change));
}

/** The first channel of a window with a standard deviation below `minStd`. */
function flatChannel(
  channels: readonly Float64Array[],
  start: number,
  length: number,
  minStd: number,
): number | undefined {
  const channel = channels.findIndex((x) => standardDeviation(x, start, length) < minStd);
  return channel < 0 ? undefined : channel;
}

/**
 * Why a window is left out, if it is.
 *
 * @returns The first channel with a sample beyond ± `maxAmplitude` or one that is not a number, or
 *   else the first with a standard deviation below `minStd`.
 */
export function artefactOf(
  channels: readonly Float64Array[],
  start: number,
  length: number,
  maxAmplitude: number,
  minStd: number,
): { readonly kind: "amplitude" | "flat"; readonly channel: number } | undefined {
  for (const [channel, x] of channels.entries()) {
    for (let i = start; i < start + length; i++) {
      if (!(Math.abs(x[i]!) <= maxAmplitude)) return { kind: "amplitude", channel };
    }
  }
  const flat = flatChannel(channels, start, length, minStd);
  return flat === undefined ? undefined : { kind: "flat", channel: flat };
}
