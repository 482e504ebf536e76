/** @file The windows of one recording in the `fixed` pipeline. */

import { expected } from "../../errors.ts";
import { butterworth } from "../../signal/butterworth.ts";
import { commonAverageReference } from "../../signal/multichannel.ts";
import { rateChange, resamplePoly } from "../../signal/resample.ts";
import { defaultPadLength, type Sections, sosfiltfilt } from "../../signal/sections.ts";
import { copyWindow, windowStarts } from "../../signal/windows.ts";
import { zScore } from "../../signal/z-score.ts";
import { FIXED_DEFAULTS, type FixedOptions, microvoltsPer } from "./fixed.ts";
import {
  DEFAULT_BAND,
  type PlannedRecording,
  type RecordingWindows,
  type WindowLayout,
} from "./pipeline.ts";

/**
 * Makes one recording's windows, stretch by stretch between its gaps: µV, band-pass, resampling, average reference, whole
 * windows only, artefacts left out, z-score per channel unless `scale` says µV.
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
  const raw = await recording.read(indices);
  for (const [c, x] of raw.entries()) {
    const factor = microvoltsPer(recording.channels[indices[c]!]!.unit)!;
    if (factor !== 1) for (let i = 0; i < x.length; i++) x[i] = x[i]! * factor;
  }
  const { samples } = layout;
  const cut = { length: samples, overlap: Math.min(samples - 1, Math.round(overlap * samples)) };
  const stretches = recording.stretches.map((stretch) => {
    const from = Math.round(stretch.from * rate);
    const channels = raw.map((x) => x.subarray(from, Math.round(stretch.to * rate)));
    const clean = prepare(channels, rate, layout.rate, sections, settings.averageReference);
    const starts = windowStarts(clean[0]?.length ?? 0, cut);
    return { from: stretch.from, clean, starts };
  });
  const dIn = indices.length * samples;
  const most = stretches.reduce((sum, s) => sum + s.starts.length, 0);
  const windows = new Float32Array(most * dIn);
  const times: number[] = [];
  const rejected = { amplitude: 0, flat: 0 };
  const rejectedBy: Record<string, number> = {};
  for (const { from, clean, starts } of stretches) {
    for (const start of starts) {
      const fault = artefactOf(clean, start, samples, settings.maxAmplitudeUv, settings.minStdUv);
      if (fault !== undefined) {
        rejected[fault.kind]++;
        const name = layout.channels[fault.channel]!;
        rejectedBy[name] = (rejectedBy[name] ?? 0) + 1;
        continue;
      }
      const at = times.length * dIn;
      copyWindow(clean, start, samples, windows, at);
      for (let c = 0; c < indices.length && options.scale !== "microvolts"; c++) {
        zScore(windows, at + c * samples, at + (c + 1) * samples);
      }
      times.push(from + start / layout.rate);
    }
  }
  return {
    name: recording.name,
    windows: windows.slice(0, times.length * dIn),
    starts: Float64Array.from(times),
    used: {
      ...{ name: recording.name, rate, seconds: recording.seconds, windows: times.length },
      paddedWindows: 0,
      rejected,
      rejectedBy,
      shortStretches: stretches.filter((s) => s.starts.length === 0).length,
      ...{ skippedChannels, truncated: recording.truncated, warnings },
    },
  };
}

/** Filtered, resampled and referenced; nothing when the stretch is too short for the filter. */
function prepare(
  channels: readonly Float64Array[],
  rate: number,
  newRate: number,
  sections: Sections,
  averageReference: boolean,
): Float64Array[] {
  if ((channels[0]?.length ?? 0) <= defaultPadLength(sections)) return [];
  const change = rateChange(rate, newRate);
  const out = channels.map((x) => resamplePoly(sosfiltfilt(sections, x), change));
  if (averageReference) commonAverageReference(out);
  return out;
}

/**
 * Why a window is no good, if it is not.
 *
 * @returns The first channel with a sample beyond ± `maxAmplitude` or one that is not a number, or else the first with a
 *   standard deviation below `minStd`.
 */
export function artefactOf(
  channels: readonly Float64Array[],
  start: number,
  length: number,
  maxAmplitude: number,
  minStd: number,
): { readonly kind: "amplitude" | "flat"; readonly channel: number } | undefined {
  let flat: number | undefined;
  for (const [channel, x] of channels.entries()) {
    let mean = 0;
    for (let i = start; i < start + length; i++) {
      if (!(Math.abs(x[i]!) <= maxAmplitude)) return { kind: "amplitude", channel };
      mean += x[i]! / length;
    }
    let variance = 0;
    for (let i = start; i < start + length; i++) variance += (x[i]! - mean) ** 2 / length;
    if (flat === undefined && Math.sqrt(variance) < minStd) flat = channel;
  }
  return flat === undefined ? undefined : { kind: "flat", channel: flat };
}
