/** @file The pictures of the page on a language model. */

import type { MeanInterval } from "../../src/base/statistics/mean-interval.ts";
import { type IntervalRow, intervalChart } from "../../src/figures/interval-chart.ts";
import type { Cell } from "./measures.ts";
import { picture } from "./page.ts";
import type { Hook } from "./stories-arms.ts";
import type { Changes } from "./stories-changes.ts";

function inPercent(cell: Cell): MeanInterval & { values: readonly number[] } {
  const { mean, low, high, values, n } = cell;
  return {
    mean: 100 * mean,
    n,
    values: values.map((v) => 100 * v),
    ...(low === undefined || high === undefined ? {} : { low: 100 * low, high: 100 * high }),
  };
}

/** Change of held-out FVU by weight, at equal steps and at equal compute. */
export function changeFigure(hook: Hook, changes: Changes): string {
  const rows = changes
    .coupled(hook)
    .flatMap((arm) => [
      { name: `${arm.title}, equal steps`, cell: changes.equalSteps(hook, arm), colour: 0 },
      { name: `${arm.title}, equal compute`, cell: changes.equalCompute(hook, arm), colour: 1 },
    ])
    .flatMap(({ name, cell, colour }): IntervalRow[] =>
      cell ? [{ ...inPercent(cell), name, colour }] : [],
    );
  const svg = intervalChart({
    title: `Change of held-out FVU against no coupling, ${hook.name}`,
    description: "Mean over seeds with its 95 % interval; small dots are seeds.",
    label: "change of held-out FVU, %",
    rows,
    reference: 0,
    signed: true,
  });
  return picture(
    svg,
    `mfr-stories15m-change-${hook.short}`,
    `Change of held-out FVU against no coupling at ${hook.name}, percent`,
  );
}
