/** @file What the page shows of the numbers: measures, tables and figures. */

import type { Measure, StudyFigure, StudyTable } from "../../src/index.ts";
import { atStep, CURVES, cellName, FEATURES, GRID, SHOWN, SPARSITIES, WIDTHS } from "./settings.ts";

/** Kept in numbers.json by `compute`. */
const kept = (name: string, label: string, show: Measure["show"] = "number"): Measure => ({
  name,
  label,
  show,
  of: () => undefined,
});

export const measures: readonly Measure[] = [
  kept("pw_mcc", "PW-MCC"),
  kept("gt_mcc", "GT-MCC"),
  kept("fvu", "held-out FVU"),
  kept("l0", "L0"),
  kept("steps_correlation", "correlation over all checkpoints"),
  kept("late_correlation", "the same after a third of the steps"),
  kept("latents_correlation", "correlation over latents"),
  kept("settings_correlation", "correlation over settings"),
  kept("excess_correlation", "the same of what exceeds the null"),
  kept("members_correlation", "correlation over members of one setting"),
  kept("frequency_correlation", "rank correlation with frequency"),
  kept("density", "density", "percent"),
  kept("consistency", "cosine with partners"),
  kept("truth", "largest cosine with a feature"),
];

export const tables: Readonly<Record<string, StudyTable>> = {
  curves: {
    head: "population",
    rows: Object.keys(CURVES),
    columns: ["pw_mcc", "gt_mcc", "steps_correlation", "late_correlation", "l0", "fvu"],
  },
  grid: {
    head: "TopK, k as many as active",
    rows: Object.keys(GRID),
    columns: ["pw_mcc", "gt_mcc", "latents_correlation", "fvu"],
  },
  frequency: {
    head: "a third of the latents",
    rows: ["uneven.rare", "uneven.middle", "uneven.frequent"],
    columns: ["density", "consistency", "truth"],
  },
};

const SIMILARITIES = { pw_mcc: "PW-MCC", gt_mcc: "GT-MCC" } as const;

/** Both similarities of a population at the checkpoints that are shown. */
function curve(name: string): StudyFigure {
  const points = (measure: string) => SHOWN.map((x) => ({ x, arm: atStep(name, x), measure }));
  return {
    kind: "lines",
    title: `${CURVES[name]!.title}: agreement and truth over the steps`,
    xLabel: "step",
    yLabel: "MCC",
    lines: Object.entries(SIMILARITIES).map(([measure, label]) => ({
      name: label,
      points: points(measure),
    })),
    nulls: points("pw_mcc"),
  };
}

/** A similarity over the width, with a line for each sparsity. */
function overWidth(measure: keyof typeof SIMILARITIES): StudyFigure {
  const points = (active: number) => WIDTHS.map((x) => ({ x, arm: cellName(x, active), measure }));
  return {
    kind: "lines",
    title: `${SIMILARITIES[measure]} over the width, ${FEATURES} features`,
    xLabel: "latents",
    yLabel: SIMILARITIES[measure],
    lines: SPARSITIES.map((active) => ({ name: `${active} active`, points: points(active) })),
    nulls: points(SPARSITIES[0]),
  };
}

export const figures: Readonly<Record<string, StudyFigure>> = {
  "curve-topk": curve("topk-published"),
  "curve-relu": curve("relu-published"),
  "width-pw": overWidth("pw_mcc"),
  "width-gt": overWidth("gt_mcc"),
};
