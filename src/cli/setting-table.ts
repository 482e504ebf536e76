/**
 * @file The settings of a sweep, or of a population, as a table: mean ± interval over seeds, the
 *   best of each number marked.
 */

import { columnDecimals, fixed } from "../figures/number-text.ts";
import { axisName, axisValue } from "../report/sweep-axes.ts";
import type { CellMetric, SweepSummary } from "../report/sweep-summary.ts";
import { decimalsOf, halfWidth, present } from "../report/sweep-tables.ts";
import { table } from "./output.ts";

/**
 * Mean, half the width of its interval where there is one, and a star where no other setting is
 * better.
 */
function cellText(value: CellMetric | undefined, decimals: number, starred: boolean): string {
  if (!value) return "";
  const half = halfWidth(value);
  const around = half === undefined ? "" : ` ± ${fixed(half, decimals)}`;
  const star = value.best ? " *" : starred ? "  " : "";
  return `${fixed(value.mean, decimals)}${around}${star}`;
}

/** The table, and below it what its signs mean. */
export function settingTable(summary: SweepSummary): string[] {
  const { cells, axes } = summary;
  const columns = present(summary).flatMap(({ metric }) => {
    const values = cells.map((cell) => cell.metrics[metric.name]);
    const starred = values.some((value) => value?.best);
    const decimals = decimalsOf(values);
    const own = {
      head: metric.label,
      cells: values.map((value) => cellText(value, decimals, starred)),
    };
    const nulls = values.map((value) => value?.null);
    if (nulls.every((v) => v === undefined)) return [own];
    const places = columnDecimals(nulls);
    return [
      own,
      { head: "null", cells: nulls.map((v) => (v === undefined ? "" : fixed(v, places))) },
    ];
  });
  const header = [
    ...(axes.length === 0 ? ["setting"] : axes.map(axisName)),
    "seeds",
    ...columns.map(({ head }) => head),
  ];
  const rows = cells.map((cell, i) => [
    ...(axes.length === 0 ? ["all runs"] : axes.map((axis) => axisValue(cell.axes[axis]))),
    String(cell.seeds),
    ...columns.map((column) => column.cells[i]!),
  ]);
  const metrics = cells.flatMap((cell) => Object.values(cell.metrics));
  const signs = [
    ...(metrics.some((m) => m.best) ? ["*: the best mean"] : []),
    ...(metrics.some((m) => m.low !== undefined)
      ? [`±: half the ${100 * summary.confidence} % interval over seeds`]
      : []),
  ];
  const unfinished = [...new Set(cells.flatMap((cell) => cell.unfinished))];
  return [
    table(header, rows),
    ...(signs.length > 0 ? [signs.join("; ")] : []),
    ...(unfinished.length > 0 ? [`Not finished, and not counted: ${unfinished.join(", ")}`] : []),
  ];
}
