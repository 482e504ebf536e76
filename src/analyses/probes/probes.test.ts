import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { normals } from "../../../test/support/random.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyContext, tinyRuns } from "../../../test/support/tiny-run.ts";
import { float32Tensor, tensor } from "../../base/tensor.ts";
import { analyseRun } from "../../experiments/analyse-run.ts";
import { serializeNpy } from "../../formats/npy.ts";
import { probes } from "./probes.ts";
import type { ProbesResult } from "./result.ts";

const [ROWS, D, HELD_OUT] = [400, 8, 200];

/** Rows in which the first two numbers and their labels have to do with each other. */
function dataIn(folder: string): Float32Array {
  const x = normals("probes", ROWS * D);
  writeFileSync(join(folder, "rows.npy"), serializeNpy(float32Tensor([ROWS, D], x)));
  return x;
}

const settings = (listed: string, folder: string) => [
  `source={ kind: arrays, path: ${join(folder, "rows.npy")}, held_out_rows: ${HELD_OUT} }`,
  "population={ members: 2, architecture: topk, d_sae: 16, k: 4, lr: 0.01 }",
  `analyses=[evaluation, ${listed}]`,
];

const resultOf = async (folder: string, listed: string) => {
  const [run] = await tinyRuns(folder, settings(listed, folder));
  return { run: run!, found: (await probes.read(run!)) as ProbesResult };
};

test("tasks of a folder are probed by class, on the last rows, and written as JSON and CSV", async () => {
  const folder = temporaryFolder();
  const x = dataIn(folder);
  const tasks = [
    { name: "first", class: "one" },
    { name: "second", class: "two" },
    { name: "third", class: "two" },
    { name: "never", class: "two" },
  ];
  writeFileSync(join(folder, "tasks.json"), JSON.stringify({ tasks }));
  const labels = Uint8Array.from({ length: ROWS * 4 }, (_, at) => {
    const [row, task] = [Math.floor(at / 4), at % 4];
    return task < 3 && x[row * D + task]! > 0 ? 1 : 0;
  });
  writeFileSync(join(folder, "labels.npy"), serializeNpy(tensor("uint8", [ROWS, 4], labels)));
  const { run, found } = await resultOf(folder, "{ kind: probes, labels: ., lengths: [2, all] }");
  expect(found).toMatchObject({ rows: 200, train_rows: 160, test_rows: 40, group_size: 1 });
  expect(found.left_out).toEqual([{ name: "never", why: "every row to learn from answers no" }]);
  expect(found.probed.map(({ input, length }) => [input, length])).toEqual([
    ["activations", null],
    ["member-0", 2],
    ["member-0", "all"],
    ["member-1", 2],
    ["member-1", "all"],
  ]);
  const [raw, short, whole] = found.probed;
  expect(raw!.classes["all"]!.auroc.mean).toBeGreaterThan(0.97);
  expect(whole!.classes["all"]!.auroc.mean).toBeGreaterThan(0.7);
  expect(short!.l0).toBeLessThanOrEqual(4);
  expect(Object.keys(raw!.classes)).toEqual(["one", "two", "all"]);
  expect(found.intervals).toEqual({ one: "groups", two: "tasks", all: "tasks" });
  expect(raw!.classes["one"]!.f1.low).toBeLessThan(raw!.classes["one"]!.f1.mean);
  const csv = readFileSync(run.file("results", "probe_results", "results_200.csv"), "utf8");
  expect(csv.trim().split("\n").length).toBe(1 + 5 * 3);
  expect(csv.split("\n")[0]).toContain("probe,length,by,task,class,accuracy,f1,auroc");
  const again = await analyseRun(run, [{ kind: "probes", labels: ".", lengths: [2, "all"] }], {
    ...tinyContext(folder),
  });
  expect(again[0]!.found).toEqual(found);
  const [first, split] = probes.table(found);
  expect(first!.title).toContain("Left out: never (every row to learn from answers no).");
  expect(split!.header).toEqual(["probed", "probe", "latents", "one", "two", "all"]);
  expect(probes.sections(found).markup).toContain("F1 of probes");
});

test("classes of pictures hold for all their rows, which stay together; other k, best latents", async () => {
  const folder = temporaryFolder();
  const x = dataIn(folder);
  const classes = Array.from({ length: ROWS / 4 }, (_, i) => (x[i * 4 * D]! > 0 ? "a" : "b"));
  writeFileSync(join(folder, "classes.csv"), `class\n${classes.join("\n")}\n`);
  const listed = "{ kind: probes, labels: classes.csv, by: best, lengths: [3], top_k: [2, 6] }";
  const { found } = await resultOf(folder, listed);
  expect(found).toMatchObject({ groups: 50, group_size: 4, train_rows: 160 });
  expect(found.tasks).toMatchObject([{ name: "b", class: "classes" }]);
  expect(found.probed.map(({ k, features }) => [k, features])).toEqual([
    [null, 8],
    [2, 3],
    [6, 3],
    [2, 3],
    [6, 3],
  ]);
});

test.each([
  ["class\n1\n2\n", "there are labels for 2 rows or pictures, but 200, 400 would fit"],
  [`class\n${"x\n".repeat(400)}`, "no task has both answers among the held-out rows"],
  ["a,b\n0,2\n", "answers are 0 or 1, but that of row 0, task 1 is 2."],
  [undefined, "there is no such file"],
])("labels %j are refused", async (text, message) => {
  const folder = temporaryFolder();
  dataIn(folder);
  if (text) writeFileSync(join(folder, "labels.csv"), text);
  await expect(resultOf(folder, "{ kind: probes, labels: labels.csv }")).rejects.toThrow(message);
});

test("labels that do not fit, and a library that is not there, are found before training", async () => {
  const folder = temporaryFolder();
  dataIn(folder);
  writeFileSync(join(folder, "labels.csv"), `class\n${"x\ny\n".repeat(200)}`);
  const listed =
    "{ kind: probes, labels: labels.csv, probes: [xgboost], xgboost_library: /none.so }";
  await expect(resultOf(folder, listed)).rejects.toThrow(/XGBoost does not load from \/none\.so/);
  await expect(resultOf(folder, "probes")).rejects.toThrow(
    "this source knows no labels of its rows",
  );
  expect(existsSync(join(folder, "tiny", "metrics.jsonl"))).toBe(false);
});
