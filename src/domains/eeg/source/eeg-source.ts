/** @file EEG windows as a source of activations, held in memory. */

import { ConfigError } from "../../../errors.ts";
import { openArraySource } from "../../../sources/arrays/array-source.ts";
import type { RowKernels } from "../../../sources/rows/row-kernels.ts";
import type { Source } from "../../../sources/source.ts";
import type { EegReport } from "../recordings/report.ts";
import { eegNotices } from "../recordings/report-words.ts";
import type { WindowLayout } from "../windows/pipeline.ts";
import { type EegOptions, planEeg, prepareEeg } from "../windows/prepare.ts";
import { eegRecipe, recipeJson } from "../windows/recipe.ts";
import type { CorruptOptions } from "./corrupt-windows.ts";
import { corruptedSource } from "./corrupted-source.ts";
import {
  eegProvenance,
  type HeldOutWindows,
  heldOutWindows,
  refuseEmpty,
  sidesOf,
} from "./sides.ts";
import { type SplitOptions, splitRecordings } from "./split.ts";

/** Which recordings become which windows, how they are divided and how they are served. */
export type EegSourceOptions = EegOptions &
  SplitOptions & {
    /**
     * Disturb the windows as they are served, and make the clean ones their targets; with variant
     * `fixed` only.
     */
    readonly corrupt?: CorruptOptions;
    /**
     * Decides the order of the windows, and with several recordings which are held out. Default 0.
     */
    readonly seed?: number;
    /** Decides the order of the windows alone. Default: `seed`. */
    readonly orderSeed?: number;
    /** The backend, or the part of one, that moves rows; default plain TypeScript. */
    readonly kernels?: RowKernels;
  };

/** A source of EEG windows, with the channels of a row and what became of every recording. */
export interface EegSource extends Source {
  readonly layout: WindowLayout;
  readonly report: EegReport;
  /** Where held-out windows are from, by recording in the order of the rows. */
  readonly heldOutWindows: readonly HeldOutWindows[];
}

/**
 * Opens EEG recordings as a source, all windows in memory (`maxBytes`, twice that for a moment
 * while opening).
 *
 * With several recordings the held-out windows come from recordings that training never sees; with
 * one, from its end after a guard gap. The MFR authors' code holds nothing out, in either variant
 * this source does.
 *
 * @throws {ConcordError} as `prepareEeg` and `splitRecordings`, and when one side of the split has
 *   no window.
 */
export async function openEegSource(options: EegSourceOptions): Promise<EegSource> {
  const kept = storedOptions(options);
  const plan = kept.plan ?? (await planEeg(kept));
  const { recordings, layout, report } = await prepareEeg({ ...kept, plan });
  const split = splitRecordings(report.used, options);
  const names = report.used.map((u) => u.name);
  const sides = recordings.map((r, i) => sidesOf(r, i, split, layout));
  const dIn = layout.channels.length * layout.samples;
  const trainRows = sides.reduce((sum, s) => sum + s.train.length / dIn, 0);
  const heldOutRows = sides.reduce((sum, s) => sum + s.heldOut.length / dIn, 0);
  refuseEmpty(trainRows, heldOutRows, report);
  const data = new Float32Array((trainRows + heldOutRows) * dIn);
  let at = 0;
  for (const part of [...sides.map((s) => s.train), ...sides.map((s) => s.heldOut)]) {
    data.set(part, at);
    at += part.length;
  }
  const source = await openArraySource({
    data,
    dIn,
    heldOutRows,
    seed: options.orderSeed ?? options.seed ?? 0,
    ...(options.kernels && { kernels: options.kernels }),
  });
  const provenance = eegProvenance(options, plan, report, split, names);
  return servedSource(
    {
      ...source,
      layout,
      report,
      heldOutWindows: sides.flatMap((side, i) => heldOutWindows(names[i]!, side)),
      notices: eegNotices(report),
      memoryBytes: data.byteLength + source.memoryBytes,
      provenance: { ...provenance, digest: source.provenance.digest, trainRows, heldOutRows },
    },
    layout,
    options,
  );
}

/**
 * The options by which windows are kept until they are served: in µV when they are to be disturbed
 * then.
 *
 * @throws {ConcordError} `config/invalid` for `corrupt` with variant `faithful`, whose windows are
 *   z-scores.
 */
export function storedOptions(options: EegSourceOptions): EegSourceOptions {
  if (options.corrupt === undefined) return options;
  if (options.variant === "fixed") return { ...options, scale: "microvolts" };
  throw new ConfigError("corrupt has no effect with variant: faithful.", {
    hint: "Use variant: fixed, whose windows are available in microvolts.",
  });
}

/**
 * A source of windows kept by {@link storedOptions}, as it is served: disturbed when asked for, and
 * with its recipe.
 */
export function servedSource<T extends Source>(
  kept: T,
  layout: WindowLayout,
  options: EegSourceOptions,
): T {
  const { corrupt, seed = 0 } = options;
  const source = corrupt ? corruptedSource(kept, layout, corrupt, seed) : kept;
  return { ...source, layout, saeMetadata: { eeg: recipeJson(eegRecipe(options, layout)) } };
}
