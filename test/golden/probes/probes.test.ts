/** Probes are scikit-learn's logistic regression and XGBoost's trees. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { standardise } from "../../../src/evaluate/probes/features.ts";
import { fitLogistic, logisticScores } from "../../../src/evaluate/probes/logistic.ts";
import { taskScores } from "../../../src/evaluate/probes/scores.ts";
import { treeScores } from "../../../src/evaluate/probes/xgboost/boosted-trees.ts";
import { openXgboost, type Xgboost } from "../../../src/evaluate/probes/xgboost/library.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { announceSkip } from "../../support/announce-skip.ts";
import { backendNames, openNamed } from "../../support/backends.ts";

const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, "expected.json"), "utf8"));
const [D, TASKS] = [9, 3];
const { fit } = EXPECTED as { fit: number };

const arrays = new Map<string, Float32Array | Uint8Array>();
beforeAll(async () => {
  const { tensors } = await readSafetensors(join(import.meta.dirname, "arrays.safetensors"));
  for (const [name, { data }] of tensors) arrays.set(name, data as Float32Array);
});

/** Standardised rows to fit to, and others to try on. */
function features() {
  const rows = arrays.get("rows") as Float32Array;
  const part = (from: number, to: number) => {
    return { rows: to - from, columns: D, values: rows.slice(from * D, to * D) };
  };
  const both = [part(0, fit), part(fit, rows.length / D)] as const;
  standardise(...both);
  return both;
}

const labels = () => arrays.get("labels") as Uint8Array;
const of = (scores: Float32Array, task: number) => scores.filter((_, at) => at % TASKS === task);

describe.each([...backendNames])("on %s", (name) => {
  test("logistic regression has scikit-learn's weights and scores", async () => {
    const backend = openNamed(name);
    const [train, test] = features();
    const targets = { tasks: TASKS, labels: labels().slice(0, fit * TASKS) };
    const models = await fitLogistic(backend, train, targets, { C: 0.5, tolerance: 3e-6 });
    expect(models.unconverged).toBe(0);
    const wanted = arrays.get("weights") as Float32Array;
    expectAllclose(models.weights, wanted, { rtol: 1e-3, atol: 1e-3 }, "weights");
    const intercepts = arrays.get("intercepts") as Float32Array;
    expectAllclose(models.intercepts, intercepts, { rtol: 1e-3, atol: 1e-3 }, "intercepts");
    const scores = await logisticScores(backend, test, models);
    for (const [task, numbers] of EXPECTED.scores.entries()) {
      const found = taskScores(scores, labels().slice(fit * TASKS), { task, tasks: TASKS });
      for (const key of ["accuracy", "f1", "auroc"] as const)
        expect(found[key]).toBeCloseTo(numbers[key], 10);
    }
  });
});

const xgboost: Xgboost | undefined = await openXgboost().catch((error: Error) => {
  announceSkip("XGBoost", error.message);
  return undefined;
});

test.runIf(xgboost)("trees have the margins of XGBoost's own Python package", async () => {
  const options = { trees: 20, depth: 4, pause: () => {} };
  const own = labels().slice(0, fit * TASKS);
  const margins = await treeScores(xgboost!, features(), own, TASKS, options);
  const wanted = arrays.get("margins") as Float32Array;
  const rows = margins.length / TASKS;
  for (let task = 0; task < TASKS; task++)
    expectAllclose(
      of(margins, task),
      wanted.subarray(task * rows, (task + 1) * rows),
      { atol: 1e-3 },
      `task ${task}`,
    );
});
