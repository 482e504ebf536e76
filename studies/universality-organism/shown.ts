/** @file What the page shows of the numbers: measures, tables and figures. */

import type { Measure, StudyFigure, StudyTable } from "../../src/index.ts";
import { atStep, CURVES, GRID, SHOWN } from "./settings.ts";

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

const SIMILARITIES = ["pw_mcc", "gt_mcc"] as const;

/** Both similarities of a population at the checkpoints that are shown. */
const curve = (name: string): StudyFigure => ({
  title: `${CURVES[name]!.title}: agreement and truth over the steps`,
  label: "MCC",
  rows: SHOWN.flatMap((step) =>
    SIMILARITIES.map((measure, colour) => ({
      arm: atStep(name, step),
      title: `${step}: ${colour === 0 ? "PW" : "GT"}`,
      measure,
      colour,
    })),
  ),
});

export const figures: Readonly<Record<string, StudyFigure>> = {
  "curve-topk": curve("topk-published"),
  "curve-relu": curve("relu-published"),
  grid: {
    title: "Agreement and truth by width and sparsity",
    label: "MCC",
    rows: Object.entries(GRID).flatMap(([arm, { title }]) =>
      SIMILARITIES.map((measure, colour) => ({
        arm,
        title: `${title}: ${colour === 0 ? "PW" : "GT"}`,
        measure,
        colour,
      })),
    ),
  },
};
