import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { alignLabels } from "./align-labels.ts";
import { denseCodes, largestOfRows } from "./features.ts";
import { classLabels } from "./labels.ts";
import { taskScores } from "./scores.ts";
import { splitGroups } from "./split.ts";

test("a row keeps its largest activations by magnitude, and latents that never fire fall away", () => {
  const codes = {
    rows: 2,
    columns: 6,
    indptr: Int32Array.of(0, 4, 5),
    indices: Int32Array.of(0, 2, 3, 5, 2),
    values: Float32Array.of(1, -3, 2, 1, 7),
  };
  const kept = largestOfRows(codes, 2);
  expect([...kept.indptr, ...kept.indices]).toEqual([0, 2, 3, 2, 3, 2]);
  expect([...largestOfRows(codes, 3).indices]).toEqual([0, 2, 3, 2]);
  const dense = denseCodes(reference, codes, Int32Array.of(1));
  expect([dense.columns, ...dense.values]).toEqual([1, -3, 7]);
});

test("scores of a task: ties count half, and one answer alone has no AUROC", () => {
  const found = taskScores(Float32Array.of(1, 1, -1, -2), Uint8Array.of(1, 0, 1, 0));
  // scikit-learn: accuracy_score, f1_score, roc_auc_score.
  expect(found).toEqual({ accuracy: 0.5, f1: 0.5, auroc: 0.625 });
  expect(taskScores(Float32Array.of(1, 2), Uint8Array.of(1, 1)).auroc).toBeNaN();
});

test("no orbit is on both sides, the seed decides, and few are refused", () => {
  const { train, test: other } = splitGroups(40, 4, 3);
  const orbits = (rows: Int32Array) => new Set(rows.map((row) => Math.floor(row / 4)));
  expect([train.length, other.length]).toEqual([32, 8]);
  expect([...orbits(train)].some((orbit) => orbits(other).has(orbit))).toBe(false);
  expect(splitGroups(40, 4, 3).test).toEqual(other);
  expect(splitGroups(40, 4, 4).test).not.toEqual(other);
  expect(() => splitGroups(16, 4, 0)).toThrow(
    "are 4 groups of 4 to split 80 to 20, and 5 are needed",
  );
});

test("labels of orbits go to the held-out rows, which come last", () => {
  const labels = classLabels(["0", "1", "2", "1", "0", "2", "1", "1", "0", "2"]);
  const source = {
    heldOut: { rows: 20, read: async () => {} },
    provenance: { kind: "arrays", rows: 40 },
    symmetry: { group: "c4", size: 4, matrices: new Float32Array(0), isExact: true },
  };
  const { groupSize, of } = alignLabels(labels, source);
  expect(groupSize).toBe(4);
  // Orbit 5 is of class 2, orbit 6 of class 1.
  expect([...of(Int32Array.of(0, 3, 4))]).toEqual([0, 0, 1, 0, 0, 1, 0, 1, 0]);
  expect(() => alignLabels(classLabels(["0", "1", "2"]), source)).toThrow(
    "there are labels for 3 rows or pictures, but 20, 40, 5, 10 would fit",
  );
});
