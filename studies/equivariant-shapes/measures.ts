/** @file What is measured, by the names that placeholders use. */

import type { Measure } from "../../src/index.ts";

/** Means of tasks that are shown: their kinds, as probes name them. */
export const PROBE_SETS = {
  all: ["invariant", "pose", "position"],
  invariant: ["invariant"],
  pose: ["pose"],
  position: ["position"],
  upright: ["invariant", "pose, upright", "position, upright"],
  "upright-pose": ["pose, upright"],
  "upright-position": ["position, upright"],
} as const satisfies Readonly<Record<string, readonly string[]>> as Readonly<
  Record<string, readonly string[]>
>;

/** Scores of probes that are shown. */
export const SCORES_SHOWN = ["f1", "auroc"] as const;

/** The measure of a score over a set of tasks. */
export const probeMeasure = (score: (typeof SCORES_SHOWN)[number], set: string) =>
  `${score}_${set}`;

const WORDS: Readonly<Record<string, string>> = {
  all: "all 180",
  invariant: "invariant",
  pose: "pose",
  position: "position",
  upright: "all 180, as drawn",
  "upright-pose": "pose, as drawn",
  "upright-position": "position, as drawn",
};

const measure = (name: string, label: string, show?: Measure["show"]): Measure => ({
  name,
  label,
  ...(show ? { show } : {}),
  // `compute` gives the numbers.
  of: () => undefined,
});

export const measures: readonly Measure[] = [
  ...SCORES_SHOWN.flatMap((score) =>
    Object.keys(PROBE_SETS).map((set) =>
      measure(probeMeasure(score, set), `${score === "f1" ? "F1" : "AUROC"}, ${WORDS[set]}`),
    ),
  ),
  measure("fvu", "FVU"),
  measure("fvu_posed", "FVU, pose given"),
  measure("fvu_best_pose", "FVU, best pose"),
  measure("pose_change", "change of codes"),
  measure("l0", "L0"),
  measure("dead_fraction", "dead latents", "percent"),
  measure("parameters", "parameters"),
  measure("pw_mcc", "PW-MCC"),
  measure("pw_mcc_modulo", "PW-MCC mod G"),
  measure("r2_1", "R² of M"),
  measure("r2_2", "R² of M²"),
  measure("r2_3", "R² of M³"),
  measure("orthogonal_r2", "R², orthogonal"),
  measure("closure", "closure"),
  measure("condition", "condition"),
  measure("radius", "largest |λ|"),
];
