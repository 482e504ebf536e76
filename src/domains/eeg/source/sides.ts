/** @file Windows on the two sides of a split, and what a run keeps about it. */

import { ConcordError } from "../../../errors.ts";
import type { Provenance } from "../../../sources/source.ts";
import type { EegReport } from "../recordings/report.ts";
import { rejectionWords, skippedWords } from "../recordings/report-words.ts";
import type { EegPlan, RecordingWindows, WindowLayout } from "../windows/pipeline.ts";
import type { EegOptions } from "../windows/prepare.ts";
import type { Split } from "./split.ts";

/** Windows of one recording, each [windows × d_in]. */
export interface Sides {
  readonly train: Float32Array;
  readonly heldOut: Float32Array;
  /** Where each of the held-out windows begins, seconds. */
  readonly heldOutStarts: Float64Array;
}

/** Where the held-out windows of one recording begin. */
export interface HeldOutWindows {
  /** Of the recording. */
  readonly name: string;
  /** Seconds of stored signal, one per window. */
  readonly starts: readonly number[];
}

/** Divides the windows of recording `index`. */
export function sidesOf(
  { windows, starts }: RecordingWindows,
  index: number,
  split: Split,
  layout: WindowLayout,
): Sides {
  const none = windows.subarray(0, 0);
  if (split.by === "recording") {
    return split.heldOut[index]
      ? { train: none, heldOut: windows, heldOutStarts: starts }
      : { train: windows, heldOut: none, heldOutStarts: starts.subarray(0, 0) };
  }
  const dIn = layout.channels.length * layout.samples;
  const seconds = layout.samples / layout.rate;
  // Windows come in order of time: a first part trains, a last part is held out.
  const train = starts.filter((s) => s + seconds <= split.trainEnd).length;
  const after = starts.filter((s) => s < split.heldOutStart).length;
  return {
    train: windows.subarray(0, train * dIn),
    heldOut: windows.subarray(after * dIn),
    heldOutStarts: starts.subarray(after),
  };
}

/** The held-out windows of one recording, for whoever asks where a row is from; [] for none. */
export function heldOutWindows(name: string, { heldOutStarts }: Sides): HeldOutWindows[] {
  return heldOutStarts.length === 0 ? [] : [{ name, starts: [...heldOutStarts] }];
}

/** @throws {ConcordError} when a side has no window. */
export function refuseEmpty(trainRows: number, heldOutRows: number, report: EegReport): void {
  if (trainRows > 0 && heldOutRows > 0) return;
  const { used, skipped } = report;
  const why = skipped.length > 0 ? ` Skipped: ${skippedWords(skipped)}.` : "";
  throw new ConcordError(
    "config/invalid",
    `The split leaves ${trainRows} windows to train on and ${heldOutRows} held out, of ${used.length} of ${used.length + skipped.length} recordings; ${rejectionWords(report)}.${why}`,
    {
      hint: "Add recordings, name the electrodes to use in `channels`, relax the limits for artefacts, or hold out another share; `concord edf info` shows what a recording holds.",
    },
  );
}

/** Facts to keep with a run. `names` are the recordings that the split speaks of. */
export function eegProvenance(
  options: EegOptions,
  { layout, substitute }: Pick<EegPlan, "layout" | "substitute">,
  report: EegReport,
  split: Split,
  names: readonly string[],
): Provenance {
  return {
    kind: "eeg",
    ...(substitute !== undefined && { substitute }),
    ...("simulated" in options && { simulated: true }),
    variant: options.variant,
    layout,
    split:
      split.by === "recording"
        ? "by recording: held-out windows come from recordings never trained on"
        : `by time, there being one recording: its end from ${split.heldOutStart} s, after a guard gap from ${split.trainEnd} s`,
    heldOutRecordings: split.by === "recording" ? names.filter((_, i) => split.heldOut[i]) : [],
    report,
  };
}
