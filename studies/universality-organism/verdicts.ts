/** @file What the page states of the numbers. */

import type { Verdict } from "../../src/index.ts";
import { PUBLISHED } from "./published.ts";
import { CURVES, cellName, FEATURES, SPARSITIES, TOGETHER } from "./settings.ts";

/** Of each curve: whether PW-MCC goes with GT-MCC over its checkpoints. */
const overSteps = Object.keys(CURVES).map((arm): [string, Verdict] => [
  `${arm}.steps`,
  { measure: "steps_correlation", arm, with: 0 },
]);

/** Of each sparsity: what twice as many latents as features change. */
const wider = SPARSITIES.flatMap((active) =>
  ["pw_mcc", "gt_mcc"].map((measure): [string, Verdict] => [
    `wide.${active}.${measure}`,
    { measure, arm: cellName(2 * FEATURES, active), against: cellName(FEATURES, active) },
  ]),
);

/** Of each repeated run: whether it ends as published. */
const asPublished = Object.entries(PUBLISHED).flatMap(([arm, { pwMcc, gtMcc }]) =>
  Object.entries({ pw_mcc: pwMcc, gt_mcc: gtMcc }).map(([measure, value]): [string, Verdict] => [
    `${arm}.${measure}`,
    { measure, arm, with: value },
  ]),
);

export const verdicts: Readonly<Record<string, Verdict>> = {
  ...Object.fromEntries([...overSteps, ...wider, ...asPublished]),
  settings: { measure: "settings_correlation", arm: TOGETHER, with: 0 },
  excess: { measure: "excess_correlation", arm: TOGETHER, with: 0 },
  members: { measure: "members_correlation", arm: TOGETHER, with: 0 },
  latents: { measure: "latents_correlation", arm: "topk", with: 0 },
  narrow: { measure: "latents_correlation", arm: cellName(16, 3), against: cellName(FEATURES, 3) },
  frequency: { measure: "frequency_correlation", arm: "uneven", with: 0 },
  rare: { measure: "consistency", arm: "uneven.rare", against: "uneven.frequent" },
  "free-gap": { measure: "gt_mcc", arm: "relu-published", against: "topk-published" },
  "unit-gap": { measure: "gt_mcc", arm: "relu", against: "topk" },
  unit: { measure: "gt_mcc", arm: "relu", against: "relu-published" },
};
