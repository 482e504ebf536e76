/** @file EEG windows as a source of activations, held in memory. */

import { openArraySource } from "../arrays/array-source.ts";
import type { RowKernels } from "../rows/row-kernels.ts";
import type { Source } from "../source.ts";
import type { WindowLayout } from "./pipeline.ts";
import { type EegOptions, prepareEeg } from "./prepare.ts";
import type { EegReport } from "./report.ts";
import { eegProvenance, refuseEmpty, sidesOf } from "./sides.ts";
import { type SplitOptions, splitRecordings } from "./split.ts";

export type EegSourceOptions = EegOptions &
  SplitOptions & {
    /** Decides the order of the windows, and with several recordings which are held out. Default 0. */
    readonly seed?: number;
    /** The backend, or the part of one, that moves rows; default plain TypeScript. */
    readonly kernels?: RowKernels;
  };

export interface EegSource extends Source {
  readonly layout: WindowLayout;
  readonly report: EegReport;
}

/**
 * Opens EEG recordings as a source, all windows in memory (`maxBytes`, twice that for a moment while opening).
 *
 * With several recordings the held-out windows come from recordings that training never sees; with one, from its end
 * after a guard gap. The founding program holds nothing out, in either variant this source does.
 *
 * @throws {ConcordError} as `prepareEeg` and `splitRecordings`, and when one side of the split has no window.
 */
export async function openEegSource(options: EegSourceOptions): Promise<EegSource> {
  const { recordings, layout, report } = await prepareEeg(options);
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
    ...{ data, dIn, heldOutRows, seed: options.seed ?? 0 },
    ...(options.kernels && { kernels: options.kernels }),
  });
  return {
    ...source,
    layout,
    report,
    memoryBytes: data.byteLength + source.memoryBytes,
    provenance: { ...eegProvenance(options, layout, report, split, names), trainRows, heldOutRows },
  };
}
