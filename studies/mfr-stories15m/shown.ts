/** What the page shows: a table and a figure for each hook, and counts. */

import type { Experiment, StudyTable } from "../../src/index.ts";
import { coupledArms, equalCompute, equalSteps, HOOKS } from "./arms.ts";

function tableOf({ short, weights }: (typeof HOOKS)[number]): StudyTable {
  const coupled = weights.map((w) => `mfr-${w}.${short}`);
  const [none, longer] = [`none.${short}`, `none-long.${short}`];
  return {
    rows: [none, longer, `auxk.${short}`, ...coupled],
    columns: [
      "steps",
      "fvu",
      { measure: "fvu", change: none, head: "equal steps" },
      { measure: "fvu", change: longer, head: "equal compute", only: coupled },
      "dead_fraction",
      "pw_mcc",
      "uncoupled_mcc",
      { measure: "step_cost", only: coupled },
      { measure: "weight_over_mse", only: coupled },
    ],
  };
}

export const shown: Pick<Experiment, "values" | "tables" | "figures"> = {
  values: {
    "lower-steps": (results) => String(results.count("lower", equalSteps)),
    "lower-compute": (results) => String(results.count("lower", equalCompute)),
    settings: () => String(coupledArms.length),
  },
  tables: Object.fromEntries(HOOKS.map((hook) => [hook.short, tableOf(hook)])),
  figures: Object.fromEntries(
    HOOKS.map(({ name, short, weights }) => [
      `change-${short}`,
      {
        title: `Change of held-out FVU against no coupling, ${name}`,
        label: "change of held-out FVU, %",
        rows: weights.flatMap((w) =>
          ["none", "none-long"].map((other, colour) => ({
            arm: `mfr-${w}.${short}`,
            title: `MFR ${w}, equal ${colour === 0 ? "steps" : "compute"}`,
            measure: "fvu",
            change: `${other}.${short}`,
            colour,
          })),
        ),
      },
    ]),
  ),
};
