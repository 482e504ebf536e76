/** @file Sparsity against reconstruction: the FVU of every setting over its L0. */

import type { Markup } from "../figures/html/html.ts";
import { figure } from "../figures/html/page.ts";
import { count, significant } from "../figures/number-text.ts";
import { type Curve, lineChart } from "../figures/plot/line-chart.ts";
import { snakeCase } from "../formats/key-case.ts";
import { knownOptions } from "../sae/registry.ts";
import { type AxisValues, axisText } from "./sweep-axes.ts";
import type { SweepCell, SweepSummary } from "./sweep-summary.ts";

/** Keys that set how sparse codes are: settings that differ in these alone lie on one curve. */
const SPARSITY: ReadonlySet<string> = new Set(
  [...knownOptions()].flatMap(([name, { option }]) =>
    option.isEarly ? [`population.${snakeCase(name)}`] : [],
  ),
);
/** More curves than this hide each other. */
const MOST_CURVES = 24;

function curveAxes(axes: AxisValues): AxisValues {
  return Object.fromEntries(Object.entries(axes).filter(([key]) => !SPARSITY.has(key)));
}

function point({ axes, metrics }: SweepCell): Curve["points"] {
  const { l0, fvu } = metrics;
  if (!l0 || !fvu) return [];
  const name = `${axisText(axes)}: L0 ${significant(l0.mean, 3)}, FVU ${significant(fvu.mean, 3)}`;
  return [
    {
      x: l0.mean,
      y: fvu.mean,
      low: fvu.low,
      high: fvu.high,
      left: l0.low,
      right: l0.high,
      name,
    },
  ];
}

/**
 * FVU over L0, both means over seeds on held-out activations, with the intervals of both.
 * Settings that differ in k or a penalty's weight alone are joined. Undefined with fewer than two
 * settings that have both numbers.
 */
export function tradeOffFigure({ cells }: SweepSummary): Markup | undefined {
  const curves = new Map<string, { name: string; points: Curve["points"] }>();
  for (const cell of cells) {
    const axes = curveAxes(cell.axes);
    const id = JSON.stringify(Object.entries(axes));
    const points = curves.get(id)?.points ?? [];
    const name = Object.keys(axes).length === 0 ? "all settings" : axisText(axes);
    curves.set(id, { name, points: [...points, ...point(cell)].sort((a, b) => a.x - b.x) });
  }
  const all = [...curves.values()].filter(({ points }) => points.length > 0);
  if (all.reduce((n, { points }) => n + points.length, 0) < 2) return undefined;
  const shown = all.slice(0, MOST_CURVES);
  const drawing = lineChart({
    title: "FVU over L0, by setting",
    description: `${count(cells.length)} settings, each a dot at its mean L0 and mean FVU.`,
    curves: shown,
    xLabel: "L0, active latents of a row",
    yLabel: "FVU",
    xKind: "log",
    yKind: "log",
    marks: true,
  });
  const few = shown.length < all.length ? ` The first ${MOST_CURVES} of ${all.length} curves.` : "";
  return figure(
    drawing,
    "Sparsity against reconstruction",
    `Means on held-out activations, with 95 % intervals of both over seeds where there are several. Lines join settings that differ in k or a penalty's weight alone. Lower and further left is better.${few}`,
  );
}
