/** @file The pictures of the page on EEG. */

import type { MeanInterval } from "../../src/base/statistics/mean-interval.ts";
import { type IntervalRow, intervalChart } from "../../src/figures/interval-chart.ts";
import type { Found } from "./eeg-found.ts";
import type { Cell } from "./measures.ts";
import { picture } from "./page.ts";

function inPercent(cell: Cell): MeanInterval & { values: readonly number[] } {
  const { mean, low, high, values, n } = cell;
  return {
    mean: 100 * mean,
    n,
    values: values.map((v) => 100 * v),
    ...(low === undefined || high === undefined ? {} : { low: 100 * low, high: 100 * high }),
  };
}

/**
 * Change of held-out FVU of every arm against no coupling, and of the coupled ones at equal
 * compute.
 */
export function changeFigure(found: Found): string {
  const { data, shown, coupled } = found;
  const rows = shown
    .filter((arm) => arm !== data.none)
    .flatMap((arm) => [
      { name: arm.title, cell: found.equalSteps(arm), colour: 0 },
      ...(coupled.includes(arm)
        ? [{ name: `${arm.title}, equal compute`, cell: found.equalCompute(arm), colour: 1 }]
        : []),
    ])
    .flatMap(({ name, cell, colour }): IntervalRow[] =>
      cell ? [{ ...inPercent(cell), name, colour }] : [],
    );
  const title = data.title.toLowerCase();
  const svg = intervalChart({
    title: `Change of held-out FVU against no coupling: ${title}`,
    description: "Mean over seeds with its 95 % interval; small dots are seeds.",
    label: "change of held-out FVU, %",
    rows,
    reference: 0,
    signed: true,
  });
  const words = `Change of held-out FVU against no coupling, percent: ${title}`;
  return picture(svg, `mfr-eeg-change-${data.short}`, words);
}
