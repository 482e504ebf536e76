/** @file The tables of a sweep's report. */

import { columnDecimals, count, fixed } from "./figures/number-text.ts";
import { type Content, html, type Markup } from "./html/html.ts";
import { metricHead } from "./html/metric-words.ts";
import { type Column, exactly, numberCell, seriesName, table } from "./html/table.ts";
import type { MeanInterval } from "./statistics/mean-interval.ts";
import { axisText } from "./sweep-axes.ts";
import type { SweepRunData } from "./sweep-data.ts";
import {
  SWEEP_METRICS,
  type SweepCell,
  type SweepMetric,
  type SweepSummary,
} from "./sweep-summary.ts";

/** Half the width of an interval; undefined without one. */
function half({ low, high }: MeanInterval): number | undefined {
  return low === undefined || high === undefined ? undefined : (high - low) / 2;
}

/** Mean ± half the interval. */
function intervalCell(value: MeanInterval | undefined, decimals: number, signed = false): Content {
  if (!value) return "–";
  const plus = signed && value.mean > 0 ? "+" : "";
  const width = half(value);
  const around =
    width === undefined ? "" : html` <span class="around">± ${fixed(width, decimals)}</span>`;
  return html`${exactly(value.mean, `${plus}${fixed(value.mean, decimals)}`)}${around}`;
}

/** Decimals at which the intervals, or the means without one, have two significant digits. */
function decimalsOf(values: readonly (MeanInterval | undefined)[]): number {
  const widths = values.map((v) => v && half(v)).filter((w) => w !== undefined && w > 0);
  return widths.length > 0 ? columnDecimals(widths, 2) : columnDecimals(values.map((v) => v?.mean));
}

function cellName(summary: SweepSummary): Column<SweepCell> {
  const number = new Map(summary.cells.map((cell, i) => [cell, i]));
  return {
    head: "Setting",
    cell: (cell) => seriesName(axisText(cell.axes), number.get(cell)!),
  };
}

/** The metrics that a sweep has numbers of. */
export function present(summary: SweepSummary): SweepMetric[] {
  return SWEEP_METRICS.filter(({ metric }) =>
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
      ...{ head: metricHead(metric.metric), kind: "number" },
      cell: (cell) => intervalCell(value(cell), decimals),
    };
    if (!cells.some((cell) => value(cell)?.null !== undefined)) return [own];
    return [own, { head: "null", kind: "null", cell: (cell) => numberCell(value(cell)?.null, 3) }];
  });
  return table(
    "Mean over seeds ± half the width of its 95 % interval; null: unrelated dictionaries of the same shapes",
    [
      cellName(summary),
      { head: "Seeds", kind: "number", cell: (cell) => count(cell.runs.length) },
      ...columns,
    ],
    cells,
  );
}

/** Differences from the first setting, paired by seed; undefined when there is nothing to compare. */
export function differenceTable(summary: SweepSummary): Markup | undefined {
  const [first, ...others] = summary.cells;
  const difference = (cell: SweepCell, { metric }: SweepMetric) =>
    cell.metrics[metric.name]?.difference;
  const metrics = present(summary).filter((m) => others.some((cell) => difference(cell, m)));
  if (!first || metrics.length === 0) return undefined;
  return table(
    `Difference from ${axisText(first.axes)}, paired by seed: mean ± half the width of its 95 % interval`,
    [
      cellName(summary),
      {
        ...{ head: "Pairs", kind: "number" as const },
        cell: (cell) => count(Math.max(...metrics.map((m) => difference(cell, m)?.n ?? 0))),
      },
      ...metrics.map((metric): Column<SweepCell> => {
        const decimals = decimalsOf(others.map((cell) => difference(cell, metric)));
        return {
          ...{ head: metricHead(metric.metric), kind: "number" },
          cell: (cell) => intervalCell(difference(cell, metric), decimals, true),
        };
      }),
    ],
    others,
  );
}

const MOST_RUNS = 500;

/** Every run with a link to its own report. */
export function runTable(summary: SweepSummary, runs: readonly SweepRunData[]): Markup {
  const shown = runs.slice(0, MOST_RUNS);
  const metrics = present(summary);
  const link = (name: string) => `${name.split("/").map(encodeURIComponent).join("/")}/report.html`;
  return html`${table(
    "Every run, with a link to its own report",
    [
      {
        head: "Run",
        cell: (run: SweepRunData) => html`<a href="${link(run.name)}">${run.name}</a>`,
      },
      { head: "Status", cell: (run) => run.record.status },
      ...metrics.flatMap((metric): Column<SweepRunData>[] => {
        const value = (run: SweepRunData) => metric.of(run)?.value;
        const decimals = columnDecimals(shown.map(value));
        const own: Column<SweepRunData> = {
          ...{ head: metricHead(metric.metric), kind: "number" },
          cell: (run) => numberCell(value(run), decimals),
        };
        if (!shown.some((run) => metric.of(run)?.null !== undefined)) return [own];
        const chance = (run: SweepRunData) => numberCell(metric.of(run)?.null, 3);
        return [own, { head: "null", kind: "null", cell: chance }];
      }),
    ],
    shown,
  )}${runs.length > MOST_RUNS && html`<p class="small">${count(MOST_RUNS)} of ${count(runs.length)} runs.</p>`}`;
}
