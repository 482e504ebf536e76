/** @file How many windows recordings will give, before any sample is read. */

import { windowStarts } from "../signal/windows.ts";
import { FIXED_DEFAULTS } from "../windows/fixed.ts";
import type { EegPlan, PlannedRecording, WindowLayout } from "../windows/pipeline.ts";
import type { EegOptions } from "../windows/prepare.ts";
import { type SplitOptions, splitRecordings } from "./split.ts";

/**
 * What a source of these windows will be like; of artefacts nothing is known yet, so these are
 * upper bounds.
 */
export interface ExpectedEeg {
  readonly dIn: number;
  readonly trainRows: number;
  readonly heldOutRows: number;
  /** Of all windows as float32. */
  readonly bytes: number;
}

/** Counts the windows that a plan's recordings have room for, artefacts included. */
export function expectedEeg(plan: EegPlan, options: EegOptions & SplitOptions): ExpectedEeg {
  const { layout, planned } = plan;
  const split = splitRecordings(
    planned.map((p) => p.recording),
    options,
  );
  const seconds = layout.samples / layout.rate;
  let trainRows = 0;
  let heldOutRows = 0;
  for (const [i, one] of planned.entries()) {
    const starts = expectedStarts(one, layout, options);
    if (split.by === "recording") {
      if (split.heldOut[i]) heldOutRows += starts.length;
      else trainRows += starts.length;
    } else {
      trainRows += starts.filter((s) => s + seconds <= split.trainEnd).length;
      heldOutRows += starts.filter((s) => s >= split.heldOutStart).length;
    }
  }
  const dIn = layout.channels.length * layout.samples;
  return { dIn, trainRows, heldOutRows, bytes: 4 * dIn * (trainRows + heldOutRows) };
}

/** Seconds of stored signal at which the windows of one recording can begin. */
function expectedStarts(
  { recording }: PlannedRecording,
  { rate, samples }: WindowLayout,
  options: EegOptions,
): number[] {
  if (options.variant === "faithful") {
    const length = Math.round(recording.seconds * rate);
    return windowStarts(length, { length: samples, remainder: "pad" }).map((s) => s / rate);
  }
  const overlap = options.overlap ?? FIXED_DEFAULTS.overlap;
  const cut = { length: samples, overlap: Math.min(samples - 1, Math.round(overlap * samples)) };
  return recording.stretches.flatMap(({ from, to }) =>
    windowStarts(Math.ceil((to - from) * rate), cut).map((s) => from + s / rate),
  );
}
