/** @file Small histograms in a grid, in the same bins, each on a vertical scale of its own. */

import { COLOURS, seriesColour } from "../palette.ts";
import type { FigureWords } from "../svg.ts";
import { shortened, textWidth } from "../text-width.ts";
import { horizontalAxis, placed } from "./axis.ts";
import { type Marks, PIXELS, type Plot, px, type Specification } from "./specification.ts";
import { type PlacedText, placedTexts } from "./texts.ts";

/** A bin: its lower end, and how much is in it. */
export interface Bin {
  readonly x: number;
  readonly y: number;
}

export interface HistogramGrid extends FigureWords {
  /** Names of the rows and of the columns. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** The bins of a cell, ascending and of equal width; none where there is nothing to show. */
  readonly bins: (row: number, column: number) => readonly Bin[];
  readonly xLabel: string;
  /** x is a logarithm to the base ten: ticks are powers of ten. */
  readonly powers?: boolean;
}

const CELL_HEIGHT = 64;
const GAP = 10;
const HEAD = 20;
const TICKS = 20;
const LABEL_SPACE = 90;

interface Cell {
  readonly bins: readonly Bin[];
  readonly left: number;
  readonly bottom: number;
}

/** Bars in pixels; bins without a place are left out. */
function drawCell(plot: Plot, { bins, left, bottom }: Cell, across: (x: number) => number): Marks {
  const some = bins.filter(({ x, y }) => Number.isFinite(x) && placed(y, "linear") > 0);
  const highest = Math.max(0, ...some.map(({ y }) => y));
  const width = bins.length > 1 ? bins[1]!.x - bins[0]!.x : 1;
  return [
    plot.rect(some, {
      x1: px(({ x }: Bin) => left + across(x)),
      x2: px(({ x }: Bin) => left + across(x + width)),
      y1: px(({ y }: Bin) => bottom - (y / highest) * CELL_HEIGHT),
      y2: px(() => bottom),
      fill: seriesColour(0),
      fillOpacity: 0.75,
    }),
  ];
}

/** A grid of histograms. */
export function histogramGrid(grid: HistogramGrid): Specification {
  const { rows, columns, powers = false } = grid;
  const all = rows.map((_, i) => columns.map((__, j) => grid.bins(i, j)));
  const edges = all
    .flat(2)
    .map(({ x }) => x)
    .filter(Number.isFinite);
  const first = all.flat().find((bins) => bins.length > 1);
  const step = first ? first[1]!.x - first[0]!.x : 1;
  const low = edges.length > 0 ? Math.min(...edges) : 0;
  const high = edges.length > 0 ? Math.max(...edges) + step : 1;
  const options: Specification["options"] = (plot, width) => {
    const names = Math.min(LABEL_SPACE, Math.max(0, ...rows.map((name) => textWidth(name))));
    const left = names + 12;
    const cellWidth = (width - left - 8) / Math.max(1, columns.length) - GAP;
    const axis = horizontalAxis({ label: grid.xLabel, values: [low, high], powers }, cellWidth);
    const across = (x: number) => ((x - low) / (high - low)) * cellWidth;
    const leftOf = (j: number) => left + j * (cellWidth + GAP);
    const bottomOf = (i: number) => HEAD + (i + 1) * CELL_HEIGHT + i * GAP;
    const end = bottomOf(Math.max(0, rows.length - 1));
    const texts: PlacedText[] = [
      ...columns.map(
        (name, j): PlacedText => ({
          text: shortened(name, cellWidth),
          whole: name,
          x: leftOf(j),
          y: HEAD / 2,
          fill: COLOURS.ink,
        }),
      ),
      ...rows.map(
        (name, i): PlacedText => ({
          text: shortened(name, LABEL_SPACE),
          whole: name,
          x: 0,
          y: bottomOf(i) - CELL_HEIGHT / 2,
          fill: COLOURS.ink,
        }),
      ),
      ...columns.flatMap((_, j) =>
        axis.ticks.map(
          (tick, t): PlacedText => ({
            text: axis.texts[t]!,
            x: leftOf(j) + across(tick),
            y: end + TICKS / 2 + 2,
            anchor: "middle",
          }),
        ),
      ),
      { text: axis.label, x: width, y: end + TICKS + 10, anchor: "end", fill: COLOURS.ink },
    ];
    const height = end + TICKS + 20;
    const floors = rows.flatMap((_, i) => columns.map((__, j) => ({ i, j })));
    return {
      width,
      height,
      marginTop: 0,
      marginRight: 0,
      marginBottom: 0,
      marginLeft: 0,
      x: PIXELS,
      y: PIXELS,
      marks: [
        plot.link(floors, {
          x1: px(({ j }: { j: number }) => leftOf(j)),
          x2: px(({ j }: { j: number }) => leftOf(j) + cellWidth),
          y1: px(({ i }: { i: number }) => bottomOf(i)),
          y2: px(({ i }: { i: number }) => bottomOf(i)),
          stroke: COLOURS.quiet,
        }),
        ...all.flatMap((cells, i) =>
          cells.map((bins, j) =>
            drawCell(plot, { bins, left: leftOf(j), bottom: bottomOf(i) }, across),
          ),
        ),
        placedTexts(plot, texts),
      ],
    };
  };
  return { title: grid.title, description: grid.description, options };
}
