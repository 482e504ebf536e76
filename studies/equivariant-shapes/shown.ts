/** @file What the page shows: verdicts, tables and figures. */

import type { Comparison } from "../../src/experiments/study/study.ts";
import type {
  Experiment,
  StudyFigure,
  StudyResults,
  StudyTable,
  Verdict,
} from "../../src/index.ts";
import { ACTION_ARM, armOf, BASE_NAMES, ROWS_ARM } from "./arms.ts";
import { type Base, METHODS } from "./methods.ts";

/** Pairs of methods whose difference the page may state. */
const PAIRS: readonly (readonly [method: string, against: string])[] = [
  ...["canonical", "latent_inv", "output_inv"].flatMap((method) =>
    ["narrow", "wide"].map((plain) => [method, plain] as const),
  ),
  ["canonical", "crosscoder"],
  ["canonical", "archetypal"],
  ["archetypal", "wide"],
  ["crosscoder", "narrow"],
  ["wide", "narrow"],
  ["narrow", "narrow-upright"],
  ["wide", "wide-upright"],
  ["canonical", "canonical-wrong"],
  ["latent_inv", "latent_inv-wrong"],
];

/** What is compared between them. */
const COMPARED = [
  "auroc_all",
  "auroc_invariant",
  "auroc_pose",
  "auroc_position",
  "auroc_upright",
  "f1_all",
  "f1_upright",
  "fvu_best_pose",
  "fvu_posed",
  "pw_mcc_modulo",
] as const;

const comparison = (method: string, against: string, measure: string, base: Base): Comparison => ({
  measure,
  arm: armOf(method, base),
  against: armOf(against, base),
});

/** A name and a comparison of every pair in every measure on every base model. */
const every = BASE_NAMES.flatMap((base) =>
  PAIRS.flatMap(([method, against]) =>
    COMPARED.map((measure) => ({
      name: `${method}-${against}-${measure}`,
      base,
      of: comparison(method, against, measure, base),
    })),
  ),
);

/** `canonical-wide-auroc_all-cnn` and so on. */
const verdicts: Readonly<Record<string, Verdict>> = Object.fromEntries(
  every.map(({ name, base, of }) => [`${name}-${base}`, of]),
);

/** `cnn higher, mlp not shown, vit lower`. */
const outcomes = (name: string) => (results: StudyResults) =>
  every
    .filter((one) => one.name === name)
    .map(({ base, of }) => `${base} ${results.outcome(of)}`)
    .join(", ");

const COLUMNS = [
  "auroc_all",
  "auroc_invariant",
  "auroc_pose",
  "auroc_position",
  "auroc_upright",
  "f1_all",
  "f1_upright",
  "fvu",
  "fvu_posed",
  "fvu_best_pose",
  "pose_change",
  "l0",
  "dead_fraction",
  "parameters",
];

const PROBED = [...Object.keys(METHODS), ROWS_ARM];

const AGREEING = Object.keys(METHODS).filter((method) => METHODS[method]!.members > 1);

const tables: Readonly<Record<string, StudyTable>> = {
  ...Object.fromEntries(
    BASE_NAMES.map((base): [string, StudyTable] => [
      base,
      {
        rows: PROBED.map((method) => armOf(method, base)),
        columns: COLUMNS.map((name) =>
          name.startsWith("f1") ? { measure: name, nullInCells: true } : name,
        ),
      },
    ]),
  ),
  kinds: {
    head: "difference",
    rows: BASE_NAMES.flatMap((base) =>
      (["narrow", "wide"] as const).flatMap((plain) =>
        ["canonical", "latent_inv", "output_inv"].map((method) => ({
          arm: armOf(method, base),
          against: armOf(plain, base),
          title: `${base}: ${method} − ${METHODS[plain]!.title}`,
        })),
      ),
    ),
    columns: ["auroc_invariant", "auroc_pose", "auroc_position", "auroc_upright", "f1_all"],
  },
  action: {
    head: "rows of",
    rows: BASE_NAMES.map((base) => armOf(ACTION_ARM, base)),
    columns: ["r2_1", "r2_2", "r2_3", "orthogonal_r2", "closure", "condition", "radius"],
  },
  consistency: {
    rows: BASE_NAMES.flatMap((base) =>
      AGREEING.map((method) => ({
        arm: armOf(method, base),
        title: `${base}: ${METHODS[method]!.title}`,
      })),
    ),
    columns: [
      { measure: "pw_mcc", nullInCells: true },
      { measure: "pw_mcc_modulo", nullInCells: true },
    ],
  },
};

/** A measure of methods, base model by base model. */
function byBase(
  measure: string,
  title: string,
  label: string,
  methods: readonly string[],
): StudyFigure {
  return {
    title,
    label,
    ...(measure.startsWith("auroc") ? { nullName: "null: codes that say nothing" } : {}),
    rows: BASE_NAMES.flatMap((base, colour) =>
      methods.map((method) => ({
        arm: armOf(method, base),
        measure,
        title: `${base}: ${METHODS[method]?.title ?? "the rows themselves"}`,
        colour,
      })),
    ),
  };
}

/**
 * Correlation, over methods, of the FVU in the best pose with the AUROC over all tasks. Published:
 * it may be positive, the worse reconstruction being the more useful.
 */
function correlation(results: StudyResults, base: Base): string {
  const points = Object.keys(METHODS).flatMap((method) => {
    const [x, y] = ["fvu_best_pose", "auroc_all"].map(
      (measure) => results.cell(armOf(method, base), measure)?.mean,
    );
    return x === undefined || y === undefined ? [] : [[x, y] as const];
  });
  const centred = ([0, 1] as const).map((axis) => {
    const mean = points.reduce((sum, point) => sum + point[axis] / points.length, 0);
    return points.map((point) => point[axis] - mean);
  });
  const dot = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  const [x, y] = centred as [number[], number[]];
  return (dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))).toFixed(2).replace("-", "−");
}

const values: Experiment["values"] = Object.fromEntries([
  ...BASE_NAMES.map((base): [string, (results: StudyResults) => string] => [
    `correlation-${base}`,
    (results) => correlation(results, base),
  ]),
  ...every.map(({ name }): [string, (results: StudyResults) => string] => [name, outcomes(name)]),
]);

const figures: Readonly<Record<string, StudyFigure>> = {
  usefulness: byBase(
    "auroc_all",
    "What logistic probes read off codes: 180 tasks, as seen in each pose",
    "mean AUROC",
    PROBED,
  ),
  upright: byBase(
    "auroc_upright",
    "The same for the picture as it was drawn",
    "mean AUROC",
    PROBED,
  ),
  reconstruction: byBase(
    "fvu_best_pose",
    "Reconstruction in the best pose",
    "FVU, best pose",
    Object.keys(METHODS),
  ),
  consistency: byBase(
    "pw_mcc_modulo",
    "Does symmetry make populations more consistent?",
    "PW-MCC modulo the group",
    AGREEING,
  ),
  spectrum: {
    kind: "histograms",
    title: "Angles of the eigenvalues of M",
    xLabel: "angle, degrees",
    rows: ["M"],
    columns: [...BASE_NAMES],
    curve: "angles",
    arms: [BASE_NAMES.map((base) => armOf(ACTION_ARM, base))],
  },
};

export const shown: Pick<Experiment, "verdicts" | "tables" | "figures" | "values"> = {
  verdicts,
  tables,
  figures,
  values,
};
