/** @file What the page of the toy part shows: measures, verdicts, tables and figures. */

import type { Experiment, Measure, StudyFigure, StudyTable, Verdict } from "../../src/index.ts";
import { armOf, COMPARED_ARMS, mfrArm } from "./arms.ts";
import { COMPARED, COMPARED_SIZE, METHODS, methodsFor, SIZES } from "./methods.ts";

const measure = (name: string, label: string, show?: Measure["show"]): Measure => ({
  name,
  label,
  ...(show ? { show } : {}),
  // `compute` gives the numbers.
  of: () => undefined,
});

const measures: readonly Measure[] = [
  measure("best", "recovery, best atom"),
  measure("assigned", "recovery, assigned"),
  measure("top1_f1", "top-1 F1"),
  measure("best_auroc", "best AUROC"),
  measure("probe_auroc", "probe AUROC"),
  measure("probe_f1", "probe F1"),
  measure("fvu", "FVU"),
  measure("fvu_modulo", "FVU mod G"),
  measure("pose_change", "pose change"),
  measure("l0", "L0"),
  measure("dead_fraction", "dead latents", "percent"),
  measure("rows_seen", "rows seen"),
  measure("pw_mcc", "PW-MCC"),
  measure("pw_mcc_modulo", "PW-MCC mod G"),
];

/** Methods that figures show; tables have all. */
const DRAWN = ["narrow", "wide", "linear-wide", "archetypal", "canonical"];

const MAIN = ["canonical", "latent_inv", "output_inv"] as const;

/** Equivariant against wide, and against narrow, for each number of features. */
function against(other: "wide" | "narrow", name: string): Record<string, Verdict> {
  return Object.fromEntries(
    SIZES.flatMap((features) =>
      MAIN.map((method): [string, Verdict] => [
        `${method}-${other}-${name}-f${features}`,
        { measure: name, arm: armOf(method, features), against: armOf(other, features) },
      ]),
    ),
  );
}

const verdicts: Readonly<Record<string, Verdict>> = {
  ...against("wide", "top1_f1"),
  ...against("narrow", "top1_f1"),
  ...against("wide", "best"),
  ...against("wide", "assigned"),
  ...against("wide", "fvu_modulo"),
  ...Object.fromEntries(
    MAIN.flatMap((method) =>
      ["random", "fitted", "wrong"].map((variant): [string, Verdict] => [
        `${method}-${variant}`,
        {
          measure: "top1_f1",
          arm: armOf(`${method}-${variant}`, COMPARED_SIZE),
          against: armOf(method, COMPARED_SIZE),
        },
      ]),
    ),
  ),
  "agree-narrow": {
    measure: "pw_mcc_modulo",
    arm: COMPARED_ARMS.canonical,
    against: COMPARED_ARMS.narrow,
  },
  "agree-wide": {
    measure: "pw_mcc_modulo",
    arm: COMPARED_ARMS.canonical,
    against: COMPARED_ARMS.wide,
  },
  "crosscoder-wide": {
    measure: "top1_f1",
    arm: armOf("crosscoder", COMPARED_SIZE),
    against: armOf("wide", COMPARED_SIZE),
  },
  "crosscoder-canonical": {
    measure: "top1_f1",
    arm: armOf("canonical", COMPARED_SIZE),
    against: armOf("crosscoder", COMPARED_SIZE),
  },
  "agree-mfr": { measure: "pw_mcc_modulo", arm: mfrArm, against: COMPARED_ARMS.canonical },
};

const COLUMNS = [
  "best",
  "assigned",
  "top1_f1",
  "best_auroc",
  "probe_auroc",
  "probe_f1",
  "fvu",
  "fvu_modulo",
  "pose_change",
  "l0",
  "dead_fraction",
];

const tables: Readonly<Record<string, StudyTable>> = {
  ...Object.fromEntries(
    SIZES.map((features): [string, StudyTable] => [
      `f${features}`,
      {
        rows: methodsFor(features).map((method) => armOf(method, features)),
        columns: COLUMNS.map((name) =>
          ["best", "assigned"].includes(name) ? { measure: name, nullInCells: true } : name,
        ),
      },
    ]),
  ),
  compared: {
    rows: [...COMPARED.map((method) => COMPARED_ARMS[method]), mfrArm],
    columns: [
      { measure: "pw_mcc", nullInCells: true },
      { measure: "pw_mcc_modulo", nullInCells: true },
    ],
  },
};

function lines(name: string, title: string, yLabel: string): StudyFigure {
  return {
    kind: "lines",
    title,
    xLabel: "true features",
    yLabel,
    xKind: "log",
    lines: DRAWN.map((method) => ({
      name: METHODS[method]!.title,
      points: SIZES.map((x) => ({ x, arm: armOf(method, x), measure: name })),
    })),
  };
}

const figures: Readonly<Record<string, StudyFigure>> = {
  recovery: lines("best", "Recovery over the number of features", "recovery, best atom"),
  assigned: lines("assigned", "Recovery with one atom each", "recovery, assigned"),
  detection: lines("top1_f1", "Detection by one latent", "top-1 F1"),
  fvu: lines("fvu_modulo", "Reconstruction in the best pose", "FVU mod G"),
  consistency: {
    title: "Does symmetry make populations more consistent?",
    label: "PW-MCC modulo the group",
    rows: [...COMPARED.map((method) => COMPARED_ARMS[method]), mfrArm].map((arm, colour) => ({
      arm,
      measure: "pw_mcc_modulo",
      colour,
    })),
  },
};

export const shown: Pick<Experiment, "measures" | "verdicts" | "tables" | "figures"> = {
  measures,
  verdicts,
  tables,
  figures,
};
