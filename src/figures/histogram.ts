/** @file Histograms: one as bars, several as outlines over each other in the same bins. */

import { cartesianFrame, type Frame } from "./cartesian-frame.ts";
import { type LegendItem, legend } from "./legend.ts";
import { fixed, powerOfTen } from "./number-text.ts";
import { seriesClass, seriesDash } from "./palette.ts";
import { coordinate, element, type FigureWords, figureSvg, tooltip } from "./svg.ts";

/** Counts in bins of equal width. */
export interface BinnedSeries {
  readonly name: string;
  readonly counts: readonly number[];
  /** Number of the colour; default: position among the series. */
  readonly colour?: number;
}

export interface Histogram extends FigureWords {
  /** Lower edge of the first bin, and the width of all. */
  readonly start: number;
  readonly width: number;
  readonly series: readonly BinnedSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** x is a logarithm to the base ten: ticks are powers of ten, at whole numbers only. */
  readonly powers?: boolean;
  /** Leave out bins at the ends in which there is nothing. */
  readonly crop?: boolean;
  readonly null?: number | undefined;
  readonly notes?: readonly string[];
}

/**
 * Counts of the values in `bins` equal bins from `start` to `end`; values beyond fall into the
 * outermost, those not finite nowhere.
 */
export function binCounts(
  values: ArrayLike<number>,
  start: number,
  end: number,
  bins: number,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const bin = Math.floor(((value - start) / (end - start)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return counts;
}

function height(counts: readonly number[], bin: number): number {
  const n = counts[bin] ?? 0;
  return Number.isFinite(n) && n > 0 ? n : 0;
}

/** First bin that is drawn, and the one after the last. */
function drawnBins({ series, crop }: Histogram, bins: number): [number, number] {
  const filled = Array.from({ length: bins }, (_, b) =>
    series.some(({ counts }) => height(counts, b) > 0),
  );
  const first = filled.indexOf(true);
  if (!crop || first < 0) return [0, bins];
  return [Math.max(0, first - 1), Math.min(bins, filled.lastIndexOf(true) + 2)];
}

/** The outline of the counts, from the axis and back to it. */
function outline(
  { start, width }: Histogram,
  counts: readonly number[],
  [first, end]: readonly [number, number],
  { x, y }: Frame,
): string {
  const edge = (bin: number) => coordinate(x.at(start + bin * width));
  let path = `M${edge(first)} ${coordinate(y.at(0))}`;
  for (let b = first; b < end; b++)
    path += `V${coordinate(y.at(height(counts, b)))}H${edge(b + 1)}`;
  return `${path}V${coordinate(y.at(0))}`;
}

/** A histogram as SVG text. */
export function histogram(h: Histogram): string {
  const bins = Math.max(1, ...h.series.map(({ counts }) => counts.length));
  const drawn = drawnBins(h, bins);
  const ends = drawn.map((bin) => h.start + bin * h.width);
  const several = h.series.length > 1;
  const colour = (i: number) => h.series[i]!.colour ?? i;
  const items: LegendItem[] = h.series.map(({ name }, i) => ({
    text: name,
    mark: { series: colour(i), as: several ? "line" : "fill" },
  }));
  const isNull = h.null !== undefined && Number.isFinite(h.null);
  const names = legend([
    ...(several || isNull ? items : []),
    ...(isNull ? [{ text: `null ${fixed(h.null, 3)}`, mark: "null" as const }] : []),
  ]);
  const counts = h.series.flatMap((s) => s.counts.map((_, b) => height(s.counts, b)));
  const frame = cartesianFrame({
    x: {
      label: h.xLabel,
      values: ends,
      ...(h.powers ? { leastStep: 1, tickText: powerOfTen } : {}),
    },
    y: { label: h.yLabel, values: counts, include: [0, 1], nice: true },
    above: names.height,
    notes: h.notes ?? [],
  });
  const series = h.series.map((s, i) => {
    const path = outline(h, s.counts, drawn, frame);
    const area = element("path", {
      d: `${path}Z`,
      class: `area ${seriesClass(colour(i), "fill")}`,
    });
    const line = element("path", {
      d: path,
      class: `line ${seriesClass(colour(i), "line")}`,
      "stroke-dasharray": seriesDash(colour(i)),
    });
    return element("g", {}, [tooltip(s.name), several ? "" : area, line]);
  });
  const { top, bottom } = frame.area;
  const at = isNull ? coordinate(frame.x.at(h.null!)) : "";
  return figureSvg(frame.height, h, [
    names.markup,
    frame.markup,
    ...series,
    isNull
      ? element("path", {
          d: `M${at} ${coordinate(top)}V${coordinate(bottom)}`,
          class: "null-line",
        })
      : "",
  ]);
}
