/** @file From EEG recordings to windows: the entry to both pipelines. */

import { ConcordError } from "../../../errors.ts";
import { fetchedFrom, substituteOf } from "../archives/fetched-from.ts";
import { edfRecordings, findRecordings, type Recording } from "../recordings/recording.ts";
import { type EegReport, eegReport, type SkippedRecording } from "../recordings/report.ts";
import {
  SIMULATED_SUBSTITUTE,
  type SimulatedRecordings,
  simulatedRecordings,
} from "../recordings/simulated-recordings.ts";
import { type FaithfulOptions, faithfulWindows, planFaithful } from "./faithful.ts";
import { FIXED_DEFAULTS, type FixedOptions, planFixed } from "./fixed.ts";
import { fixedWindows } from "./fixed-windows.ts";
import type { EegPlan, PlannedRecording, RecordingWindows, WindowLayout } from "./pipeline.ts";

/** Where recordings come from. */
export type EegInput =
  /** A folder, searched at any depth for .edf and .bdf, or a list of files and folders. */
  { readonly paths: string | readonly string[] } | { readonly simulated: SimulatedRecordings };

export type EegOptions = EegInput &
  (FaithfulOptions | FixedOptions) & {
    /** Most bytes of windows (float32) to hold. Default 2 GiB. */
    readonly maxBytes?: number;
    /** Stops between two recordings. */
    readonly signal?: AbortSignal;
    /** Told of every recording whose header or content was read or whose windows were made. */
    readonly onProgress?: (progress: EegProgress) => void;
    /** What `planEeg` found for the same options, when that was asked before. */
    readonly plan?: EegPlan;
  };

/** How far the reading of recordings has come. */
export interface EegProgress {
  readonly what: "headers" | "checksums" | "windows";
  readonly name: string;
  readonly done: number;
  readonly total: number;
}

export interface PreparedEeg {
  readonly recordings: readonly RecordingWindows[];
  readonly layout: WindowLayout;
  readonly report: EegReport;
}

const DEFAULT_MAX_BYTES = 2 ** 31;

/**
 * Reads recordings and cuts them into windows.
 *
 * @returns The windows of each recording used, float32 [windows, channels × samples], and what
 *   became of everything else.
 * @throws {ConcordError} `config/invalid` when nothing can be used or the windows are above
 *   `maxBytes`.
 * @example await prepareEeg({ paths: "recordings", variant: "fixed" })
 */
export async function prepareEeg(options: EegOptions): Promise<PreparedEeg> {
  const plan = options.plan ?? (await planEeg(options));
  const { layout } = plan;
  const recordings: RecordingWindows[] = [];
  const cap = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let bytes = 0;
  for (const [i, planned] of plan.planned.entries()) {
    refuseInterrupted(options.signal, i, plan.planned.length);
    const made = await windowsOf(planned, layout, options);
    bytes += made.windows.byteLength;
    if (bytes > cap) {
      throw new ConcordError(
        "config/invalid",
        `The windows take more than the ${cap} bytes allowed in memory (reached in ${planned.recording.name}).`,
        { hint: "Write them to an activation store with collectEeg, or raise maxBytes." },
      );
    }
    recordings.push(made);
    tell(options, "windows", planned.recording.name, i + 1, plan.planned.length);
  }
  return { recordings, layout, report: reportOf(plan, recordings, options.variant) };
}

/** @throws {ConcordError} `interrupted` once the signal was given. */
export function refuseInterrupted(
  signal: AbortSignal | undefined,
  done: number,
  total: number,
): void {
  if (signal?.aborted)
    throw new ConcordError("interrupted", `Interrupted after ${done} of ${total} recordings.`, {
      hint: "Run the same command with --resume.",
    });
}

/** Tells whoever asked of one recording more. */
export function tell(
  { onProgress }: Pick<EegOptions, "onProgress">,
  ...[what, name, done, total]: [EegProgress["what"], string, number, number]
): void {
  onProgress?.({ what, name, done, total });
}

/** Finds the recordings and decides what is kept, from headers alone. */
export async function planEeg(options: EegOptions): Promise<EegPlan> {
  const { recordings, unreadable } = await inputOf(options);
  const plan =
    options.variant === "faithful"
      ? planFaithful(recordings, unreadable, options)
      : planFixed(recordings, unreadable, options);
  const substitute =
    "simulated" in options
      ? SIMULATED_SUBSTITUTE
      : substituteOf(await fetchedFrom(plan.planned.map((p) => p.recording.name)));
  return substitute === undefined ? plan : { ...plan, substitute };
}

/** The windows of one recording of a plan. */
export function windowsOf(
  planned: PlannedRecording,
  layout: WindowLayout,
  options: EegOptions,
): Promise<RecordingWindows> {
  return options.variant === "faithful"
    ? faithfulWindows(planned, layout, options)
    : fixedWindows(planned, layout, options);
}

/** What became of every recording of a plan. */
export function reportOf(
  plan: EegPlan,
  made: readonly Pick<RecordingWindows, "used">[],
  variant: EegReport["variant"],
): EegReport {
  const { skipped, notes } = plan;
  return eegReport({ variant, used: made.map((m) => m.used), skipped, notes });
}

async function inputOf(
  options: EegOptions,
): Promise<{ recordings: readonly Recording[]; unreadable: readonly SkippedRecording[] }> {
  if ("simulated" in options) {
    return { recordings: simulatedRecordings(options.simulated), unreadable: [] };
  }
  const paths = await findRecordings(options.paths);
  const minStdUv = options.variant === "fixed" ? options.minStdUv : undefined;
  return edfRecordings(paths, minStdUv ?? FIXED_DEFAULTS.minStdUv, (name, done) => {
    tell(options, "headers", name, done, paths.length);
    refuseInterrupted(options.signal, done, paths.length);
  });
}
