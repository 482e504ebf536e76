/** @file Means with their intervals, one row a setting: what a sweep over seeds shows. */

import { horizontalScale, NOTE_ROW, noteRows, tickRow } from "./cartesian-frame.ts";
import { type LegendItem, legend } from "./legend.ts";
import { columnDecimals, fixed } from "./number-text.ts";
import { seriesClass } from "./palette.ts";
import type { Scale } from "./scale.ts";
import {
  coordinate,
  element,
  FIGURE_WIDTH,
  type FigureWords,
  figureSvg,
  textAt,
  tooltip,
} from "./svg.ts";
import { STRONG_WIDTH, shortened, textWidth } from "./text-width.ts";

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
const finite = (v: number | undefined): v is number => v !== undefined && Number.isFinite(v);

function placed(row: IntervalRow): number[] {
  return [row.mean, row.low, row.high, row.null, ...(row.values ?? [])].filter(finite);
}

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

function drawRow(
  chart: IntervalChart,
  row: IntervalRow,
  i: number,
  top: number,
  scale: Scale,
): string {
  const y = top + i * ROW;
  const colour = row.colour ?? i;
  const line = y + 29;
  const at = (v: number) => coordinate(scale.at(v));
  const value = rowText(row, chart);
  const { reference } = chart;
  const { mean, low, high } = row;
  const parts = [
    textAt(shortened(row.name, FIGURE_WIDTH - STRONG_WIDTH * textWidth(value) - 14), {
      x: 0,
      y: y + 10,
      whole: row.name,
    }),
    textAt(value, { x: FIGURE_WIDTH, y: y + 10, anchor: "end", class: "strong" }),
    element("path", { d: `M0 ${line}H${FIGURE_WIDTH}`, class: "rule" }),
  ];
  if (reference !== undefined)
    parts.push(element("path", { d: `M${at(reference)} ${line - 9}v18`, class: "axis" }));
  if (finite(row.null))
    parts.push(element("path", { d: `M${at(row.null)} ${line - 8}v16`, class: "null-line" }));
  if (finite(low) && finite(high))
    parts.push(
      element("path", {
        d: `M${at(low)} ${line}H${at(high)}M${at(low)} ${line - 5}v10M${at(high)} ${line - 5}v10`,
        class: `line ${seriesClass(colour, "line")}`,
      }),
    );
  for (const v of (row.values ?? []).filter(finite))
    parts.push(
      element("circle", {
        cx: scale.at(v),
        cy: line + 8,
        r: 2.25,
        class: `faint ${seriesClass(colour, "fill")}`,
      }),
    );
  if (finite(mean))
    parts.push(
      element(
        "circle",
        { cx: scale.at(mean), cy: line, r: 4.5, class: seriesClass(colour, "fill") },
        tooltip(`${row.name}: ${value}`),
      ),
    );
  return parts.join("");
}

/** An interval chart as SVG text. */
export function intervalChart(chart: IntervalChart): string {
  const { rows, reference } = chart;
  const all = rows.flatMap(placed);
  const items: LegendItem[] = rows.some((row) => finite(row.null))
    ? [{ text: chart.nullName ?? "null: unrelated dictionaries", mark: "null" }]
    : [];
  const names = legend(items);
  const top = names.height + 4;
  const bottom = top + rows.length * ROW + 4;
  const axis = {
    label: chart.label,
    values: all,
    include: reference === undefined ? [] : [reference],
  };
  const scale = horizontalScale(axis, [10, FIGURE_WIDTH - 10]);
  const ticks = scale.ticks.map((t) => `M${coordinate(t.at)} ${coordinate(bottom)}v4`).join("");
  const labelY = bottom + 32;
  const notes = all.length === 0 ? ["Nothing to show."] : [];
  return figureSvg(labelY + 10 + notes.length * NOTE_ROW, chart, [
    names.markup,
    ...rows.map((row, i) => drawRow(chart, row, i, top, scale)),
    element("path", { d: `M0 ${coordinate(bottom)}H${FIGURE_WIDTH}${ticks}`, class: "axis" }),
    tickRow(scale.ticks, bottom + 13),
    textAt(shortened(chart.label, FIGURE_WIDTH), {
      x: FIGURE_WIDTH,
      y: labelY,
      anchor: "end",
      whole: chart.label,
    }),
    noteRows(notes, labelY + 9),
  ]);
}
