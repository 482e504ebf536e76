/** @file Latents of several members by their largest cosine, beside the null. */

import { binCounts } from "../../base/statistics/bin-counts.ts";
import { type BinnedSeries, histogram } from "../plot/histogram.ts";
import type { Specification } from "../plot/specification.ts";

const BINS = 50;

/** More outlines over each other than this cannot be distinguished. */
const MOST_OUTLINES = 6;

/** One series for all where there are too many. */
export function pooledSeries(series: readonly BinnedSeries[]): readonly BinnedSeries[] {
  if (series.length <= MOST_OUTLINES) return series;
  const bins = Math.max(...series.map((s) => s.counts.length));
  const counts = Array.from({ length: bins }, (_, b) =>
    series.reduce((sum, s) => sum + (s.counts[b] ?? 0), 0),
  );
  return [{ name: `all ${series.length} members`, counts }];
}

/** Cosines of one member's latents, and its colour. */
export interface MemberCosines {
  readonly name: string;
  readonly colour: number;
  readonly values: ArrayLike<number>;
}

/** The histogram. */
export function cosineHistogram(
  members: readonly MemberCosines[],
  xLabel: string,
  nothing: number | undefined,
): Specification {
  const series = members.map(({ name, colour, values }) => {
    return { name, colour, counts: binCounts(values, 0, 1, BINS) };
  });
  return histogram({
    title: `Latents by ${xLabel}`,
    description: `Histogram in ${BINS} bins from 0 to 1.`,
    start: 0,
    width: 1 / BINS,
    series: pooledSeries(series),
    xLabel,
    yLabel: "latents",
    null: nothing,
  });
}
