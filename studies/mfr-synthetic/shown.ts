/** What the page shows: tables and a figure for each way to draw features, and counts. */

import type { Experiment, StudyResults } from "../../src/index.ts";
import { ARMS, COUPLED, SHOWN, SUPPORTS, settings } from "./arms.ts";

const counted = (measure: string, outcome: "lower" | "higher") => (results: StudyResults) =>
  String(results.count(outcome, settings(measure)));

function label(measure: string): string {
  return measure === "gt_mcc" ? "GT-MCC" : "PW-MCC";
}

export const shown: Pick<Experiment, "values" | "tables" | "figures"> = {
  values: {
    settings: () => String(settings("fvu").length),
    "more-truth": counted("gt_mcc", "higher"),
    "less-truth": counted("gt_mcc", "lower"),
    "more-agreement": counted("pw_mcc", "higher"),
    "more-with-uncoupled": counted("uncoupled_mcc", "higher"),
    "lower-fvu": counted("fvu", "lower"),
    "higher-fvu": counted("fvu", "higher"),
  },
  tables: Object.fromEntries(
    SUPPORTS.flatMap((support) => {
      const rows = SHOWN.map((name) => `${name}.${support}`);
      const none = `none.${support}`;
      const similarities = ["gt_mcc", "pw_mcc", "uncoupled_mcc"];
      const flat = { measure: "training_fvu_change", head: "change over the last tenth" };
      return [
        [
          `values.${support}`,
          {
            rows,
            columns: ["fvu", "training_fvu", "dead_fraction", ...similarities, "restarts"],
          },
        ],
        [
          `differences.${support}`,
          {
            rows: rows.slice(1),
            columns: [
              { measure: "fvu", change: none, head: "held-out FVU" },
              ...similarities.map((measure) => ({
                measure,
                difference: none,
                head: measure === "uncoupled_mcc" ? "MCC with uncoupled SAEs" : label(measure),
              })),
            ],
          },
        ],
        [
          `agreement.${support}`,
          {
            rows,
            columns: [
              { measure: "agreement_truth_correlation", head: "correlation" },
              "agreed",
              "true_of_agreed",
            ],
          },
        ],
        [`flat.${support}`, { rows, columns: ["fvu", flat] }],
        [
          `longer.${support}`,
          {
            rows:
              support === "per_sample" ? [] : [`reinit-long.${support}`, `both-3-long.${support}`],
            columns: ["steps", "fvu", flat, "gt_mcc", "pw_mcc", "restarts"],
          },
        ],
      ];
    }),
  ),
  figures: Object.fromEntries(
    SUPPORTS.map((support) => [
      `agreement-${support}`,
      {
        title: `Who the members agree with, ${support}`,
        label: "MCC",
        rows: ["none", ...COUPLED].flatMap((name) =>
          [
            { measure: "pw_mcc", other: "each other" },
            { measure: "uncoupled_mcc", other: "uncoupled SAEs" },
            { measure: "gt_mcc", other: "the truth" },
          ].map(({ measure, other }, colour) => ({
            arm: `${name}.${support}`,
            title: `${ARMS[name]![0]}: ${other}`,
            measure,
            colour,
          })),
        ),
      },
    ]),
  ),
};
