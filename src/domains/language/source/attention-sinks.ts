/**
 * @file Attention sinks: positions of a window whose activations are far longer than all others,
 *   whatever the token. An SAE would spend itself on them, so collecting leaves them out.
 *
 * SmolLM2-135M has one at position 0: its residual stream is 130 times as long as the median after
 * block 15. Dictionary_learning and SAELens leave such rows out as well, by norm or by token.
 */

import { percentile } from "../../../base/statistics/percentile.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { type PackedTokens, windowBatch } from "../text/packing.ts";
import type { TokenBatch } from "../text/token-batch.ts";
import { defaultBatch } from "./collect.ts";
import { OUTLIER_NORM, rowNorms } from "./row-norms.ts";

/** What the first windows of a text show. */
export interface SinkFacts {
  /**
   * Positions at which every window has an outlier, ascending. A position that some window is too
   * short for does not count. Of a single window none does, because one row may be long by chance.
   */
  readonly positions: readonly number[];
  /** Median length of rows at these positions over that of all rows; 0 without any. */
  readonly ratio: number;
  /** Outliers at other positions, and the rows that were looked at. */
  readonly outliers: number;
  readonly rows: number;
}

/** Looks at the first windows at some hooks, two windows at least where there are two. */
export async function findSinks(
  model: LanguageModel,
  hooks: readonly string[],
  packed: PackedTokens,
): Promise<SinkFacts[]> {
  const windows = Math.min(packed.windows, Math.max(2, defaultBatch(packed.contextLength)));
  const tokens = windowBatch(packed, 0, windows);
  return (await model.activationsAt(hooks, tokens)).map((rows) => sinksOf(rows, tokens));
}

function sinksOf(rows: Float32Array, { ids, batch, positions, lengths: real }: TokenBatch) {
  const lengths = rowNorms(rows, rows.length / ids.length);
  const norms = Array.from({ length: batch }, (_, w) => [
    ...lengths.subarray(w * positions, w * positions + real![w]!),
  ]);
  const all = norms.flat();
  const median = percentile(all, 0.5) ?? 0;
  const isOutlier = (norm: number) => norm > OUTLIER_NORM * median;
  const at = (p: number) => norms.flatMap((window) => window[p] ?? []);
  const found = Array.from({ length: positions }, (_, p) => p).filter(
    (p) => batch > 1 && at(p).length === batch && at(p).every(isOutlier),
  );
  const ofSinks = found.flatMap(at);
  return {
    positions: found,
    ratio: median === 0 ? 0 : (percentile(ofSinks, 0.5) ?? 0) / median,
    outliers: all.filter(isOutlier).length - ofSinks.length,
    rows: all.length,
  };
}

/** What a store's provenance keeps of it; nothing where all is ordinary. */
export function sinkProvenance(
  { positions, ratio, outliers, rows }: SinkFacts,
  skipped: boolean,
): Readonly<Record<string, unknown>> {
  return {
    ...(positions.length > 0 && {
      sink_positions: positions,
      sink_ratio: Math.round(ratio),
      sinks_left_out: skipped,
    }),
    ...(outliers > 0 && { outlier_rows: outliers, probed_rows: rows }),
  };
}

/** The same in sentences, for whoever collects or plans. */
export function sinkNotices(provenance: Readonly<Record<string, unknown>>): string[] {
  const { sink_positions: positions, sink_ratio: ratio, sinks_left_out: skipped } = provenance;
  const { outlier_rows: outliers, probed_rows: rows } = provenance;
  // Of several hooks each has its own.
  const at = provenance["hooks"] === undefined ? "" : ` of ${String(provenance["hook"])}`;
  const notices: string[] = [];
  if (Array.isArray(positions)) {
    const where = `position${positions.length === 1 ? "" : "s"} ${positions.join(", ")} of every window`;
    const what = `Activations${at} at ${where} are ${String(ratio)} times as long as the median (an attention sink)`;
    notices.push(
      skipped
        ? `${what}: they are left out. --keep-sinks, or skip_sinks: false, keeps them.`
        : `${what}, and are kept: they may fill an SAE.`,
    );
  }
  if (outliers !== undefined)
    notices.push(
      `${String(outliers)} of the first ${String(rows)} activations${at} are more than ten times as long as the median, and are kept.`,
    );
  return notices;
}
