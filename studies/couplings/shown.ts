/** What the page shows: a table and charts for every kind of data and length, and the rule. */

import type { Experiment, StudyFigure, StudyTable } from "../../src/index.ts";
import { armName, arms, armsOf, CANDIDATES, SETTINGS } from "./arms.ts";
import { CONFIDENCE, earned, missing } from "./verdicts.ts";
import { LENGTHS, type Length, SPARSITIES, WORLD_NAMES, WORLDS, type WorldName } from "./worlds.ts";

const SIMILARITIES = ["gt_mcc", "independent_mcc", "pw_mcc"];

function tableOf(world: WorldName, length: Length): StudyTable {
  const columns = ["fvu", ...SIMILARITIES, "dead_fraction", "max_collinearity", "twins"];
  return {
    rows: armsOf(world).map((name) => armName(name, world, length)),
    columns: world === "stories" ? columns.filter((name) => name !== "gt_mcc") : columns,
  };
}

/** Means over the sparsities, and how they differ from the baseline of each arm. */
function meansOf(length: Length): StudyTable {
  const rows = Object.keys(SETTINGS).map((name) => armName(name, "synthetic", length));
  return { rows, columns: ["fvu", ...SIMILARITIES, "dead_fraction", "twins"] };
}

/** Differences of the candidates from what each is compared with. */
function differencesOf(place: "synthetic" | "stories", length: Length): StudyTable {
  const names = place === "stories" ? armsOf("stories") : Object.keys(SETTINGS);
  return {
    head: "difference",
    rows: names.slice(1).map((name) => ({
      title: `${SETTINGS[name]!.title}, less ${SETTINGS[SETTINGS[name]!.baseline]!.title}`,
      arm: armName(name, place, length),
      against: armName(SETTINGS[name]!.baseline, place, length),
    })),
    columns:
      place === "stories" ? ["independent_mcc", "fvu"] : ["gt_mcc", "independent_mcc", "fvu"],
  };
}

function chart(measure: string, label: string, length: Length): StudyFigure {
  const names = Object.keys(SETTINGS).filter(
    (name) => name !== "consensus" || measure !== "pw_mcc",
  );
  return {
    title: `${label}, ${length === "long" ? "after long training" : "after 1,000 steps"}`,
    label,
    rows: names.flatMap((name) =>
      SPARSITIES.map((world, colour) => ({
        arm: armName(name, world, length),
        title: `${SETTINGS[name]!.title}, ${WORLDS[world].settings[1]!.split("=")[1]} active`,
        measure,
        colour,
      })),
    ),
  };
}

function storiesChart(length: Length): StudyFigure {
  return {
    title: `MCC with independent SAEs on stories15m, ${length === "long" ? "after two passes" : "after half a pass"}`,
    label: "MCC with independent SAEs",
    rows: armsOf("stories").map((name) => ({
      arm: armName(name, "stories", length),
      measure: "independent_mcc",
      colour: name === "none" || name === "untied" ? 1 : 0,
    })),
  };
}

const passes = (length: Length): Experiment["values"] => ({
  [`rule.${length}`]: (results) =>
    [
      "| arm | what is missing |",
      "|---|---|",
      ...CANDIDATES.map(
        (name) =>
          `| ${SETTINGS[name]!.title} | ${missing(results, name, length).join(", ") || "nothing: it passes"} |`,
      ),
    ].join("\n"),
  [`earned.${length}`]: (results) => {
    const names = earned(results, length).map((name) => SETTINGS[name]!.title);
    return names.length > 0 ? names.join("; ") : "none of them";
  },
});

export const shown: Pick<Experiment, "values" | "tables" | "figures"> = {
  values: {
    candidates: () => String(CANDIDATES.length),
    confidence: () => `${(100 * CONFIDENCE).toFixed(2)} %`,
    ...passes("steps"),
    ...passes("long"),
  },
  tables: Object.fromEntries(
    LENGTHS.flatMap((length): [string, StudyTable][] => [
      ...WORLD_NAMES.map((world): [string, StudyTable] => [
        `${world}.${length}`,
        tableOf(world, length),
      ]),
      [`means.${length}`, meansOf(length)],
      [`differences.synthetic.${length}`, differencesOf("synthetic", length)],
      [`differences.stories.${length}`, differencesOf("stories", length)],
      [
        `flat.${length}`,
        {
          rows: WORLD_NAMES.flatMap((world) =>
            [
              ...["none", "mfr", "untied"].map((name) => armName(name, world, length)),
              ...(length === "long" ? [`none.${world}.longer`] : []),
            ].map((arm) => ({ arm, title: `${arms[arm]!.title}, ${WORLDS[world].title}` })),
          ),
          columns: ["steps", "fvu", "gt_mcc", "independent_mcc", "training_fvu_change"],
        },
      ],
    ]),
  ),
  figures: Object.fromEntries(
    LENGTHS.flatMap((length): [string, StudyFigure][] => [
      [`truth-${length}`, chart("gt_mcc", "GT-MCC", length)],
      [`independent-${length}`, chart("independent_mcc", "MCC with independent SAEs", length)],
      [`stories-${length}`, storiesChart(length)],
    ]),
  ),
};
