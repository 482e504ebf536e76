/** @file The tables of a sweep's report. */

import type { MeanInterval } from "../base/statistics/mean-interval.ts";
import { type Content, html, type Markup } from "../figures/html/html.ts";
import { metricHead } from "../figures/html/metric-words.ts";
import { type Column, exactly, numberCell, seriesName, table } from "../figures/html/table.ts";
import { columnDecimals, count, fixed } from "../figures/number-text.ts";
import { COMPARED_METRICS, type ComparedMetric, type RunNumber } from "../runs/compared-metrics.ts";
import { settingParts } from "../runs/settings.ts";
import { axisName, axisText, axisValue } from "./sweep-axes.ts";
import type { SweepRunData } from "./sweep-data.ts";
import type { CellMetric, SweepCell, SweepSummary } from "./sweep-summary.ts";

/** Half the width of an interval; undefined without one. */
export function halfWidth({ low, high }: MeanInterval): number | undefined {
  return low === undefined || high === undefined ? undefined : (high - low) / 2;
}

/** The report of a run, from that of its sweep. @param name As the summary has it. */
export function runLink(name: string): string {
  return `${name.split("/").map(encodeURIComponent).join("/")}/report.html`;
}

/** Mean ± half the interval. */
export function intervalCell(
  value: MeanInterval | undefined,
  decimals: number,
  signed = false,
): Content {
  if (!value) return "–";
  const plus = signed && value.mean > 0 ? "+" : "";
  const width = halfWidth(value);
  const around =
    width === undefined ? "" : html` <span class="around">± ${fixed(width, decimals)}</span>`;
  return html`${exactly(value.mean, `${plus}${fixed(value.mean, decimals)}`)}${around}`;
}

/** Decimals at which the intervals, or the means without one, have two significant digits. */
export function decimalsOf(values: readonly (MeanInterval | undefined)[]): number {
  const widths = values.map((v) => v && halfWidth(v)).filter((w) => w !== undefined && w > 0);
  return widths.length > 0 ? columnDecimals(widths, 2) : columnDecimals(values.map((v) => v?.mean));
}

/** A column for every axis, the first with the colour that the setting has in figures. */
function axisColumns(summary: SweepSummary): Column<SweepCell>[] {
  const number = new Map(summary.cells.map((cell, i) => [cell, i]));
  const [first, ...others] = summary.axes;
  const text = (cell: SweepCell, axis: string | undefined) =>
    axis === undefined ? axisText({}) : axisValue(cell.axes[axis]);
  return [
    {
      head: first === undefined ? "Setting" : axisName(first),
      cell: (cell) => seriesName(text(cell, first), number.get(cell)!),
    },
    ...others.map((axis) => ({
      head: axisName(axis),
      cell: (cell: SweepCell) => text(cell, axis),
    })),
  ];
}

/** Beside the best mean of a column. */
function bestMark(value: CellMetric | undefined): Content {
  return value?.best && html` <span class="best" title="the best mean of these settings">★</span>`;
}

/** The metrics that a sweep has numbers of. */
export function present(summary: SweepSummary): ComparedMetric[] {
  return COMPARED_METRICS.filter(({ metric }) =>
    summary.cells.some((cell) => cell.metrics[metric.name]),
  );
}

/** Every setting's means over seeds, each similarity next to its null. */
export function cellTable(summary: SweepSummary): Markup {
  const { cells } = summary;
  const columns = present(summary).flatMap((metric): Column<SweepCell>[] => {
    const value = (cell: SweepCell) => cell.metrics[metric.metric.name];
    const decimals = decimalsOf(cells.map(value));
    const own: Column<SweepCell> = {
      head: metricHead(metric.metric),
      kind: "number",
      cell: (cell) => html`${intervalCell(value(cell), decimals)}${bestMark(value(cell))}`,
    };
    if (!cells.some((cell) => value(cell)?.null !== undefined)) return [own];
    return [own, { head: "null", kind: "null", cell: (cell) => numberCell(value(cell)?.null, 3) }];
  });
  return table(
    `Mean over seeds ± half the width of its 95 % interval${cells.length > 1 ? "; ★: the best mean" : ""}; null: unrelated dictionaries of the same shapes`,
    [
      ...axisColumns(summary),
      { head: "Seeds", kind: "number", cell: (cell) => count(cell.seeds) },
      ...columns,
    ],
    cells,
    true,
  );
}

/**
 * Differences from the first setting, paired by seed; undefined when there is nothing to compare.
 */
export function differenceTable(summary: SweepSummary): Markup | undefined {
  const [first, ...others] = summary.cells;
  const difference = (cell: SweepCell, { metric }: ComparedMetric) =>
    cell.metrics[metric.name]?.difference;
  const metrics = present(summary).filter((m) => others.some((cell) => difference(cell, m)));
  if (!first || metrics.length === 0) return undefined;
  return table(
    `Difference from ${axisText(first.axes)}, paired by seed: mean ± half the width of its 95 % interval`,
    [
      ...axisColumns(summary),
      {
        head: "Pairs",
        kind: "number" as const,
        cell: (cell) => count(Math.max(...metrics.map((m) => difference(cell, m)?.n ?? 0))),
      },
      ...metrics.map((metric): Column<SweepCell> => {
        const decimals = decimalsOf(others.map((cell) => difference(cell, metric)));
        return {
          head: metricHead(metric.metric),
          kind: "number",
          cell: (cell) => intervalCell(difference(cell, metric), decimals, true),
        };
      }),
    ],
    others,
  );
}

const MOST_RUNS = 500;

/** A number of every setting in a run: one, unless its members have several. */
function numbersOf({ evaluation, consistency }: SweepRunData, metric: ComparedMetric): RunNumber[] {
  const parts = evaluation ? settingParts(evaluation, consistency) : [];
  return parts.flatMap((part) => metric.of(part) ?? []);
}

/** The number, or the lowest and the highest of several settings, which no mean is taken over. */
function rangeCell(values: readonly number[], decimals: number): Content {
  if (values.length < 2) return numberCell(values[0], decimals);
  const ends = [Math.min(...values), Math.max(...values)].map((v) => numberCell(v, decimals));
  return html`${ends[0]!} to ${ends[1]!}`;
}

/** Every run with a link to its own report. */
export function runTable(summary: SweepSummary, runs: readonly SweepRunData[]): Markup {
  const shown = runs.slice(0, MOST_RUNS);
  const metrics = present(summary);
  return html`${table(
    "Every run, with a link to its own report",
    [
      {
        head: "Run",
        cell: (run: SweepRunData) => html`<a href="${runLink(run.name)}">${run.name}</a>`,
      },
      { head: "Status", cell: (run) => run.record.status },
      ...metrics.flatMap((metric): Column<SweepRunData>[] => {
        const values = (run: SweepRunData) => numbersOf(run, metric).map((n) => n.value);
        const nulls = (run: SweepRunData) =>
          numbersOf(run, metric).flatMap((n) => (n.null === undefined ? [] : [n.null]));
        const decimals = columnDecimals(shown.flatMap(values));
        const own: Column<SweepRunData> = {
          head: metricHead(metric.metric),
          kind: "number",
          cell: (run) => rangeCell(values(run), decimals),
        };
        if (!shown.some((run) => nulls(run).length > 0)) return [own];
        return [own, { head: "null", kind: "null", cell: (run) => rangeCell(nulls(run), 3) }];
      }),
    ],
    shown,
    true,
  )}${runs.length > MOST_RUNS && html`<p class="small">${count(MOST_RUNS)} of ${count(runs.length)} runs.</p>`}`;
}
