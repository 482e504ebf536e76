/** @file The best setting of a sweep by every metric, next to the one that comes after it. */

import { type Content, html, type Markup } from "../figures/html/html.ts";
import { metricHead } from "../figures/html/metric-words.ts";
import { type Column, exactly, numberCell, seriesName, table } from "../figures/html/table.ts";
import type { ComparedMetric } from "../runs/compared-metrics.ts";
import { settingParts } from "../runs/settings.ts";
import { axisText } from "./sweep-axes.ts";
import { type Cell, sweepCells } from "./sweep-cells.ts";
import type { SweepRunData } from "./sweep-data.ts";
import {
  type CellMetric,
  pairedDifference,
  repeatedByRuns,
  type SweepSummary,
} from "./sweep-summary.ts";
import { decimalsOf, intervalCell, present, runLink } from "./sweep-tables.ts";

/** A setting of the sweep with its numbers and its place among all settings. */
interface Placed {
  readonly place: number;
  readonly cell: Cell;
  readonly value: CellMetric;
}

/** A run with its number. */
interface RunValue {
  readonly name: string;
  readonly value: number;
}

/** The best setting by one metric. */
export interface BestSetting {
  readonly metric: ComparedMetric;
  readonly best: Placed;
  /** The setting with the next best mean. */
  readonly next: Placed | undefined;
  /** The best setting minus the next, paired by seed. */
  readonly lead: CellMetric["difference"];
  /** The best single run. */
  readonly run: RunValue | undefined;
}

/** The number of the best setting of a run. */
function runValues(
  runs: readonly SweepRunData[],
  { of, metric }: ComparedMetric,
  sign: number,
): RunValue[] {
  return runs.flatMap(({ name, evaluation, consistency }) => {
    const parts = evaluation ? settingParts(evaluation, consistency) : [];
    const values = parts.map((part) => of(part)?.value).filter((v) => Number.isFinite(v));
    const best = values.toSorted((a, b) => sign * (a! - b!))[0];
    return best === undefined || metric.better === "neither" ? [] : [{ name, value: best }];
  });
}

/** The best setting and run by every metric that has a better end; none for one setting. */
export function bestSettings(summary: SweepSummary, runs: readonly SweepRunData[]): BestSetting[] {
  // The cells of the summary, in the same order, with the numbers of the single seeds.
  const cells = sweepCells(runs);
  if (cells.length < 2) return [];
  return present(summary).flatMap((metric): BestSetting[] => {
    const { better, name } = metric.metric;
    if (better === "neither") return [];
    const sign = better === "lower" ? 1 : -1;
    const known = summary.cells.flatMap(({ metrics }, place): Placed[] => {
      const value = metrics[name];
      return value ? [{ place, cell: cells[place]!, value }] : [];
    });
    const [best, next] = known.toSorted((a, b) => sign * (a.value.mean - b.value.mean));
    if (!best) return [];
    const lead = next && pairedDifference(metric, best.cell, next.cell, repeatedByRuns(runs));
    const [run] = runValues(runs, metric, sign).toSorted((a, b) => sign * (a.value - b.value));
    return [{ metric, best, next, lead, run }];
  });
}

function settingName({ place, cell }: Placed): Content {
  return seriesName(axisText(cell.axes), place);
}

/** Whether the interval of a lead leaves out 0. */
function isShown({ lead }: BestSetting): boolean {
  return lead?.low !== undefined && lead.high !== undefined && (lead.low > 0 || lead.high < 0);
}

/** A row for every metric; undefined for a sweep of one setting. */
export function bestTable(
  summary: SweepSummary,
  runs: readonly SweepRunData[],
): Markup | undefined {
  const rows = bestSettings(summary, runs);
  if (rows.length === 0) return undefined;
  const columns: Column<BestSetting>[] = [
    { head: "Metric", cell: ({ metric }) => metricHead(metric.metric) },
    { head: "Best setting", cell: ({ best }) => settingName(best) },
    {
      head: "Mean",
      kind: "number",
      cell: ({ best: { value } }) => intervalCell(value, decimalsOf([value])),
    },
    { head: "null", kind: "null", cell: ({ best: { value } }) => numberCell(value.null, 3) },
    { head: "Next setting", cell: ({ next }) => (next ? settingName(next) : "–") },
    {
      head: "Best − next",
      kind: "number",
      cell: ({ lead }) => intervalCell(lead, decimalsOf([lead]), true),
    },
    { head: "Shown", cell: (row) => (row.next ? (isShown(row) ? "yes" : "no") : "–") },
    {
      head: "Best run",
      cell: ({ run }) => (run ? html`<a href="${runLink(run.name)}">${run.name}</a>` : "–"),
    },
    {
      head: "Its value",
      kind: "number",
      cell: ({ run }) => exactly(run?.value, run ? String(Number(run.value.toPrecision(3))) : "–"),
    },
  ];
  return table(
    "The best setting and the best run by each metric. Shown: the 95 % interval of the difference from the next setting, paired by seed, leaves out 0. The best of several flatters itself",
    columns,
    rows,
  );
}
