/** @file Histograms: one as bars, several as outlines over each other in the same bins. */

import { fixed } from "../number-text.ts";
import { seriesColour } from "../palette.ts";
import type { FigureWords } from "../svg.ts";
import { framed } from "./frame.ts";
import type { LegendItem } from "./legend.ts";
import type { Marks, Plot, Specification } from "./specification.ts";
import { NULL_LINE, seriesLine } from "./styles.ts";

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
  /** Height of the plot itself. */
  readonly plotHeight?: number;
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

/** The outline of the counts at the edges of their bins, from the axis and back to it. */
function outline(
  { start, width }: Histogram,
  counts: readonly number[],
  [first, end]: readonly [number, number],
): { x: number; y: number }[] {
  const edge = (bin: number) => start + bin * width;
  const steps = Array.from({ length: end - first }, (_, i) => ({
    x: edge(first + i),
    y: height(counts, first + i),
  }));
  return [{ x: edge(first), y: 0 }, ...steps, { x: edge(end), y: 0 }];
}

/** A histogram. */
export function histogram(h: Histogram): Specification {
  const bins = Math.max(1, ...h.series.map(({ counts }) => counts.length));
  const drawn = drawnBins(h, bins);
  const several = h.series.length > 1;
  const colour = (i: number) => h.series[i]!.colour ?? i;
  const items = h.series.map(({ name }, i): LegendItem => {
    const mark = several ? seriesLine(colour(i)) : { fill: colour(i) };
    return { text: name, mark };
  });
  const isNull = h.null !== undefined && Number.isFinite(h.null);
  const counts = h.series.flatMap((s) => s.counts.map((_, b) => height(s.counts, b)));
  const draw = (plot: Plot, { counts: own, name }: BinnedSeries, i: number): Marks => {
    const points = outline(h, own, drawn);
    const step = { x: "x", curve: "step-after" } as const;
    const fill = seriesColour(colour(i));
    return [
      several ? null : plot.areaY(points, { ...step, y2: "y", y1: 0, fill, fillOpacity: 0.22 }),
      plot.line(points, { ...step, y: "y", title: () => name, ...seriesLine(colour(i)) }),
    ];
  };
  const options: Specification["options"] = (plot, width) =>
    framed(
      plot,
      width,
      {
        x: {
          label: h.xLabel,
          values: drawn.map((bin) => h.start + bin * h.width),
          whole: false,
          powers: h.powers ?? false,
        },
        y: { label: h.yLabel, values: counts, include: [0, 1], nice: true },
        legend: [
          ...(several || isNull ? items : []),
          ...(isNull ? [{ text: `null ${fixed(h.null, 3)}`, mark: NULL_LINE }] : []),
        ],
        notes: h.notes ?? [],
        ...(h.plotHeight === undefined ? {} : { plotHeight: h.plotHeight }),
      },
      () => [
        ...h.series.map((series, i) => draw(plot, series, i)),
        isNull ? plot.ruleX([h.null], NULL_LINE) : null,
      ],
    );
  return { title: h.title, description: h.description, options };
}
