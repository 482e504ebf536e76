/** @file What the page shows: a table for every world, and charts where known features decide. */

import type { Measure, StudyFigure, StudyTable } from "../../src/index.ts";
import { armsOf } from "./arms.ts";
import { WORLDS, type WorldName } from "./worlds.ts";

/** Kept in numbers.json by `compute`. */
const kept = (name: string, label: string, show: Measure["show"] = "number"): Measure => ({
  name,
  label,
  show,
  of: () => undefined,
});

export const measures = [
  kept("latents", "latents"),
  kept("steps", "steps of a member"),
  kept("fvu", "held-out FVU"),
  kept("l0", "L0"),
  kept("gt_mcc", "GT-MCC"),
  kept("found", "features found"),
  kept("true_atoms", "atoms that are true", "percent"),
  kept("independent_mcc", "MCC with an independent SAE"),
  kept("ce_recovered", "CE recovered"),
  kept("in_independent", "atoms in the independent SAE", "percent"),
];

const TRUTH = ["found", "true_atoms", "gt_mcc"];

/** A table of every arm for each of some worlds. */
export function tablesIn(worlds: readonly WorldName[]): Record<string, StudyTable> {
  return Object.fromEntries(
    worlds.map((world): [string, StudyTable] => [
      world,
      {
        head: "dictionary",
        rows: Object.keys(armsOf(world)).map((arm) => `${world}.${arm}`),
        columns: [
          "latents",
          "steps",
          "fvu",
          ...("model" in WORLDS[world] ? ["ce_recovered", "in_independent"] : TRUTH),
          "independent_mcc",
        ],
      },
    ]),
  );
}

/** The arms that a chart has room for. */
const CHARTED = ["members", "long", "filled", "filled-on", "least-3"];

function chart(world: string, measure: string, title: string, label: string): StudyFigure {
  const rows = CHARTED.map((arm, colour) => ({
    arm: `${world}.${arm}`,
    measure,
    colour,
  }));
  return { title, label, rows };
}

export const figures: Record<string, StudyFigure> = {
  "base-true": chart("base", "true_atoms", "Atoms that are a known feature", "percent"),
  "base-fvu": chart("base", "fvu", "Held-out FVU", "FVU"),
  "stories-independent": chart(
    "stories",
    "in_independent",
    "Atoms that an independent SAE has",
    "percent",
  ),
  "stories-fvu": chart("stories", "fvu", "Held-out FVU", "FVU"),
};
