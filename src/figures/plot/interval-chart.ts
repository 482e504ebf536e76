/** @file Means with their intervals, one row a setting: what a sweep over seeds shows. */

import { columnDecimals, fixed } from "../number-text.ts";
import { COLOURS, seriesColour } from "../palette.ts";
import type { FigureWords } from "../svg.ts";
import { shortened, strongWidth } from "../text-width.ts";
import { horizontalAxis, placed, tickOverhang } from "./axis.ts";
import { axisBelow } from "./frame.ts";
import { legend } from "./legend.ts";
import { type Marks, PIXELS, type Plot, px, type Specification } from "./specification.ts";
import { NULL_LINE, seriesLine } from "./styles.ts";
import { NOTE_ROW, notes, type PlacedText, placedTexts } from "./texts.ts";

export interface IntervalRow {
  readonly name: string;
  readonly mean: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** The single values behind the mean. */
  readonly values?: readonly number[];
  /** The value that chance gives; see `nullName`. */
  readonly null?: number | undefined;
  /** Number of the colour; default: position of the row. */
  readonly colour?: number;
}

export interface IntervalChart extends FigureWords {
  readonly rows: readonly IntervalRow[];
  readonly label: string;
  /** Write a plus before positive means: for differences. */
  readonly signed?: boolean;
  /** What the nulls of the rows are; default: unrelated dictionaries. */
  readonly nullName?: string;
  /** A value to compare with, drawn as a line through all rows: 0 for differences. */
  readonly reference?: number;
}

const ROW = 42;
/** From the top of a row to its line. */
const LINE = 29;
/** Between the ends of the axis and those of the figure. */
const INSET = 10;

const finite = (v: number | undefined): v is number => v !== undefined && Number.isFinite(v);

function half({ low, high }: IntervalRow): number | undefined {
  return finite(low) && finite(high) ? high / 2 - low / 2 : undefined;
}

/** Decimals that give every interval two significant digits; without intervals, the means three. */
function decimalsOf(rows: readonly IntervalRow[]): number {
  const widths = rows.map(half).filter((w) => finite(w) && w > 0);
  return widths.length > 0
    ? columnDecimals(widths, 2)
    : columnDecimals(rows.map((row) => row.mean));
}

/** Mean and half the width of the interval. */
function rowText(row: IntervalRow, { rows, signed = false }: IntervalChart): string {
  const { mean } = row;
  if (!finite(mean)) return "no value";
  const decimals = decimalsOf(rows);
  const text = `${signed && mean > 0 ? "+" : ""}${fixed(mean, decimals)}`;
  const width = half(row);
  return width === undefined ? text : `${text} ± ${fixed(width, decimals)}`;
}

/** The name of a row at the left, its numbers at the right. */
function rowTexts(row: IntervalRow, value: string, top: number, width: number): PlacedText[] {
  const name = shortened(row.name, width - strongWidth(value) - 14);
  const y = top + 10;
  return [
    { text: name, whole: row.name, x: 0, y, fill: COLOURS.ink },
    { text: value, x: width, y, anchor: "end", fill: COLOURS.ink, strong: true },
  ];
}

/** A value on a row's line. */
interface Spot {
  readonly x: number;
  /** Middle of the line. */
  readonly y: number;
}

/** A short upright line at each spot. */
function upright(plot: Plot, spots: readonly Spot[], reach: number, style: object): Marks {
  return [
    plot.ruleX(spots, {
      x: "x",
      y1: px(({ y }: Spot) => y - reach),
      y2: px(({ y }: Spot) => y + reach),
      ...style,
    }),
  ];
}

function drawRow(plot: Plot, row: IntervalRow, i: number, y: number, value: string): Marks {
  const colour = row.colour ?? i;
  const line = seriesLine(colour);
  const fill = seriesColour(colour);
  const spots = (...values: readonly (number | undefined)[]): Spot[] =>
    values.filter(finite).map((v) => ({ x: placed(v, "linear"), y }));
  const { mean, low, high } = row;
  const ends = finite(low) && finite(high) ? spots(low, high) : [];
  return [
    upright(plot, spots(row.null), 8, NULL_LINE),
    plot.link(ends.slice(0, 1), {
      x1: () => ends[0]!.x,
      x2: () => ends[1]!.x,
      y1: px(() => y),
      y2: px(() => y),
      ...line,
    }),
    upright(plot, ends, 5, line),
    plot.dot(spots(...(row.values ?? [])), {
      x: "x",
      y: px((spot: Spot) => spot.y + 8),
      r: 2.25,
      fill,
      fillOpacity: 0.45,
    }),
    plot.dot(spots(mean), {
      x: "x",
      y: px((spot: Spot) => spot.y),
      r: 4.5,
      fill,
      title: () => `${row.name}: ${value}`,
    }),
  ];
}

/** An interval chart. */
export function intervalChart(chart: IntervalChart): Specification {
  const { rows, reference } = chart;
  const all = rows
    .flatMap(({ mean, low, high, null: chance, values = [] }) => [
      mean,
      low,
      high,
      chance,
      ...values,
    ])
    .filter(finite);
  const isNull = rows.some((row) => finite(row.null));
  const nullName = chart.nullName ?? "null: unrelated dictionaries";
  const options: Specification["options"] = (plot, width) => {
    const names = legend(isNull ? [{ text: nullName, mark: NULL_LINE }] : [], width);
    const axis = horizontalAxis(
      { label: chart.label, values: all, include: reference === undefined ? [] : [reference] },
      width - 2 * INSET,
    );
    const top = names.height + 4;
    const bottom = top + rows.length * ROW + 4;
    const noteTop = bottom + 41;
    const lines = all.length === 0 ? ["Nothing to show."] : [];
    const height = noteTop + 1 + lines.length * NOTE_ROW;
    const label = shortened(chart.label, width);
    const tops = rows.map((_, i) => top + i * ROW);
    const values = rows.map((row) => rowText(row, chart));
    return {
      width,
      height,
      marginTop: top,
      marginBottom: height - bottom,
      marginLeft: 0,
      marginRight: 0,
      x: {
        domain: axis.domain,
        inset: Math.max(INSET, ...tickOverhang(axis)),
        clamp: true,
        axis: null,
      },
      y: PIXELS,
      marks: [
        names.marks(plot),
        plot.frame({ anchor: "bottom", stroke: COLOURS.quiet }),
        axisBelow(plot, axis),
        plot.ruleY(tops, { y: px((at: number) => at + LINE), stroke: COLOURS.rule }),
        reference === undefined
          ? null
          : upright(
              plot,
              tops.map((at) => ({ x: reference, y: at + LINE })),
              9,
              { stroke: COLOURS.quiet },
            ),
        ...rows.map((row, i) => drawRow(plot, row, i, tops[i]! + LINE, values[i]!)),
        placedTexts(plot, [
          ...rows.flatMap((row, i) => rowTexts(row, values[i]!, tops[i]!, width)),
          {
            text: label,
            whole: chart.label,
            x: width,
            y: bottom + 32,
            anchor: "end",
            fill: COLOURS.ink,
          },
          ...notes(lines, noteTop, width),
        ]),
      ],
    };
  };
  return { title: chart.title, description: chart.description, options };
}
