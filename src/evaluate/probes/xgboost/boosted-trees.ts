/** @file Gradient-boosted trees, one model per task, by XGBoost (Chen and Guestrin 2016). */

import { ConcordError } from "../../../errors.ts";
import type { FeatureMatrix } from "../features.ts";
import type { Handle, Xgboost, XgboostFunctions } from "./library.ts";

/** Settings of the trees. */
export interface TreeOptions {
  /** Number of trees. XGBoost's Python default is 100. */
  readonly trees: number;
  /** Greatest depth of a tree. XGBoost's default is 6. */
  readonly depth: number;
  /** Called and awaited before each tree; what it throws ends the fit. */
  readonly pause: () => void | Promise<void>;
}

/** Rows in XGBoost's memory, with labels that change from task to task. */
interface Matrix extends FeatureMatrix {
  readonly handle: Handle;
}

function check({ lastError }: XgboostFunctions, code: number): void {
  if (code !== 0)
    throw new ConcordError("backend/unavailable", `XGBoost: ${lastError().split("\n")[0]}`);
}

function matrixOf(functions: XgboostFunctions, x: FeatureMatrix): Matrix {
  const out: [Handle | null] = [null];
  // XGBoost copies plain memory; that of the backend is shared between threads.
  check(functions, functions.createMatrix(Float32Array.from(x.values), x.rows, x.columns, out));
  return { ...x, handle: out[0]! };
}

/**
 * Margins of the rows `tried` by trees fitted to the rows `fitted`, [rows, tasks]; above zero means
 * yes. Trees are grown by histograms, with XGBoost's defaults but for their number and depth.
 *
 * @param labels [rows, tasks] of `fitted`
 * @param tasks  Number of tasks; bins of features are found once for all.
 */
export async function treeScores(
  { functions }: Xgboost,
  [fitted, tried]: readonly [FeatureMatrix, FeatureMatrix],
  labels: Uint8Array,
  tasks: number,
  options: TreeOptions,
): Promise<Float32Array> {
  const scores = new Float32Array(tried.rows * tasks);
  const train = matrixOf(functions, fitted);
  const test = matrixOf(functions, tried);
  try {
    for (let task = 0; task < tasks; task++) {
      const own = Float32Array.from({ length: train.rows }, (_, i) => labels[i * tasks + task]!);
      check(functions, functions.setFloats(train.handle, "label", own));
      const margins = await grownOn(functions, train, test, options);
      for (const [i, margin] of margins.entries()) scores[i * tasks + task] = margin;
    }
  } finally {
    for (const { handle } of [train, test]) functions.freeMatrix(handle);
  }
  return scores;
}

const PARAMETERS = {
  objective: "binary:logistic",
  tree_method: "hist",
  // As many whatever the machine has: sums depend on it.
  nthread: "1",
  seed: "0",
  verbosity: "0",
  // Newer versions estimate it from the labels, older ones do not.
  base_score: "0.5",
};

async function grownOn(
  functions: XgboostFunctions,
  train: Matrix,
  test: Matrix,
  { trees, depth, pause }: TreeOptions,
): Promise<Float32Array> {
  const out: [Handle | null] = [null];
  check(functions, functions.createBooster(train.handle, out));
  const booster = out[0]!;
  try {
    for (const [name, value] of Object.entries({ ...PARAMETERS, max_depth: String(depth) }))
      check(functions, functions.setParameter(booster, name, value));
    for (let round = 0; round < trees; round++) {
      await pause();
      check(functions, functions.grow(booster, round, train.handle));
    }
    const margins = functions.margins(booster, test.handle, test.rows);
    if (margins.length !== test.rows) check(functions, -1);
    return margins;
  } finally {
    functions.freeBooster(booster);
  }
}
