/**
 * @file The figures of a sweep's report: every setting's means with intervals, differences from the
 *   first, and learning curves.
 */

import type { Markup } from "../figures/html/html.ts";
import { figure } from "../figures/html/page.ts";
import { intervalChart } from "../figures/plot/interval-chart.ts";
import { type Curve, type CurvePoint, lineChart } from "../figures/plot/line-chart.ts";
import type { Metric } from "../metrics/metric.ts";
import { COMPARED_METRICS } from "../runs/compared-metrics.ts";
import { axisText } from "./sweep-axes.ts";
import { sweepCells } from "./sweep-cells.ts";
import type { SweepRunData } from "./sweep-data.ts";
import type { SweepSummary } from "./sweep-summary.ts";

/** Cells beyond this many are in the table only. */
const MOST_CELLS = 24;

function directionWords({ better }: Metric): string {
  return better === "neither" ? "" : ` ${better === "lower" ? "Lower" : "Higher"} is better.`;
}

function valueFigure({ cells }: SweepSummary, metric: Metric): Markup | undefined {
  const { label, name, summary } = metric;
  const shown = cells.slice(0, MOST_CELLS);
  if (!shown.some((cell) => cell.metrics[name])) return undefined;
  const drawing = intervalChart({
    title: `${label} by setting`,
    description: "Mean over seeds with its 95 % interval, a row a setting; small dots are runs.",
    label,
    rows: shown.map((cell, colour) => ({
      name: axisText(cell.axes),
      mean: undefined,
      colour,
      ...cell.metrics[name],
    })),
  });
  return figure(drawing, label, `${summary}${directionWords(metric)}`);
}

function differenceFigure({ cells }: SweepSummary, metric: Metric): Markup | undefined {
  const { label, name } = metric;
  const [first, ...others] = cells.slice(0, MOST_CELLS);
  const rows = others.flatMap((cell, i) => {
    const difference = cell.metrics[name]?.difference;
    return difference ? [{ name: axisText(cell.axes), colour: i + 1, ...difference }] : [];
  });
  if (rows.length === 0) return undefined;
  const title = `${label}: difference from ${axisText(first!.axes)}`;
  const drawing = intervalChart({
    title,
    description: "Mean of the differences paired by seed with its 95 % interval, a row a setting.",
    label: `difference of ${label}`,
    rows,
    reference: 0,
    signed: true,
  });
  return figure(drawing, title, "Paired by seed.");
}

/** For every metric its values, and next to them the differences from the first setting. */
export function intervalFigures(summary: SweepSummary): (Markup | undefined)[] {
  return COMPARED_METRICS.flatMap(({ metric }) => {
    const value = valueFigure(summary, metric);
    return value ? [value, differenceFigure(summary, metric)] : [];
  });
}

/** FVU of a run's training batches, mean over some of its members. */
function runCurve({ metrics }: SweepRunData, members: readonly string[]): CurvePoint[] {
  return meanCurve(members.map((name) => metrics.members.get(name)?.fvu.points ?? []));
}

/**
 * Mean of several curves at the steps that all of them have, between the lowest and the highest.
 */
function meanCurve(curves: readonly (readonly { x: number; y: number }[])[]): CurvePoint[] {
  const bySteps = new Map<number, number[]>();
  for (const curve of curves)
    for (const { x, y } of curve) bySteps.set(x, [...(bySteps.get(x) ?? []), y]);
  return [...bySteps]
    .filter(([, values]) => values.length === curves.length)
    .sort(([a], [b]) => a - b)
    .map(([x, values]) => ({
      x,
      y: values.reduce((sum, v) => sum + v / values.length, 0),
      ...(values.length > 1 ? { low: Math.min(...values), high: Math.max(...values) } : {}),
    }));
}

/** Learning curves of all settings over each other. */
export function sweepCurves(runs: readonly SweepRunData[]): Markup {
  const byName = new Map(runs.map((run) => [run.name, run]));
  const curves = sweepCells(runs)
    .slice(0, MOST_CELLS)
    .map(({ axes, parts }): Curve => {
      const own = parts.map((part) =>
        runCurve(
          byName.get(part.run)!,
          part.members.map((m) => m.name),
        ),
      );
      return { name: axisText(axes), points: meanCurve(own) };
    });
  const drawing = lineChart({
    title: "FVU of the training batch over steps, by setting",
    description:
      "Mean over seeds and members, a curve a setting, between the lowest and highest seed.",
    curves,
    xLabel: "step",
    xInclude: [0],
    yLabel: "FVU of the batch",
    yKind: "log",
  });
  const banded = curves.some(({ points }) => points.some(({ low }) => low !== undefined));
  return figure(
    drawing,
    "Variance unexplained while training",
    banded
      ? "Mean over members and seeds; the band reaches from the lowest seed to the highest."
      : "Mean over members.",
  );
}

/** Says which settings the figures leave out; nothing when they show all. */
export function cellNote(summary: SweepSummary): string | undefined {
  return summary.cells.length > MOST_CELLS
    ? `The figures show the first ${MOST_CELLS} of ${summary.cells.length} settings; the tables show all.`
    : undefined;
}
