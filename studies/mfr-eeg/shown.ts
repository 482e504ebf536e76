/** What the page shows: tables and a figure for each set of data, and counts. */

import type { Experiment, StudyTable } from "../../src/index.ts";
import { coupled, equal, NAMES, rowsOf, type SetName } from "./arms.ts";

const fvuTable = (set: SetName): StudyTable => ({
  rows: rowsOf(set),
  columns: [
    "steps",
    "fvu",
    { measure: "fvu", change: `${set}.none`, head: "equal steps" },
    { measure: "fvu", change: `${set}.none-long`, head: "equal compute", only: coupled(set) },
    { measure: "training_fvu", change: `${set}.none`, head: "training FVU" },
    "dead_fraction",
  ],
});
const agreementTable = (set: SetName): StudyTable => ({
  rows: [`${set}.none`, ...coupled(set)],
  columns: [
    "pw_mcc",
    "uncoupled_mcc",
    { measure: "uncoupled_mcc", difference: `${set}.none`, head: "the same, vs no coupling" },
    "restarts",
    { measure: "step_cost", only: coupled(set) },
  ],
});

export const shown: Pick<Experiment, "values" | "tables" | "figures"> = {
  values: {
    settings: () => String(equal("none").length),
    "lower-steps": (results) => String(results.count("lower", equal("none"))),
    "lowest-training": (results) => {
      const all = equal("none", "training_fvu").filter(({ arm }) => !arm.startsWith("simulated"));
      const cells = all.map((one) => results.compared(one)!);
      return `${(100 * Math.min(...cells.map(({ mean }) => mean))).toFixed(1)} %`.replace("-", "−");
    },
    "lower-compute": (results) => String(results.count("lower", equal("none-long"))),
  },
  tables: {
    ...Object.fromEntries(NAMES.map((set) => [`fvu.${set}`, fvuTable(set)])),
    ...Object.fromEntries(NAMES.map((set) => [`agreement.${set}`, agreementTable(set)])),
    sources: {
      rows: ["simulated.none", "simulated.mfr-3"],
      columns: [
        "sources_known",
        "latents_like_a_source",
        { measure: "sources_known", difference: "simulated.none" },
        { measure: "latents_like_a_source", difference: "simulated.none" },
      ],
    },
  },
  figures: Object.fromEntries(
    NAMES.map((set) => [
      `change-${set}`,
      {
        title: `Change of held-out FVU against no coupling: ${set}`,
        label: "change of held-out FVU, %",
        rows: rowsOf(set)
          .slice(1)
          .flatMap((arm) => [
            { arm, measure: "fvu", change: `${set}.none` },
            ...(coupled(set).includes(arm)
              ? [
                  {
                    arm,
                    title: `${arm.replace(/^\w+\.mfr-/, "MFR ")}, equal compute`,
                    measure: "fvu",
                    change: `${set}.none-long`,
                    colour: 1,
                  },
                ]
              : []),
          ]),
      },
    ]),
  ),
};
