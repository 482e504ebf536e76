/**
 * Runs whose results are worth little say so, with the likely cause, wherever their numbers stand.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { serializeNpy } from "../../src/formats/npy.ts";
import { readEvaluation } from "../../src/runs/results.ts";
import { concord } from "../support/cli.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

const D_IN = 8;

function write(folder: string, rows: number, of: (normal: number) => number): void {
  const values = normals("x", rows * D_IN).map(of);
  writeFileSync(join(folder, "x.npy"), serializeNpy(float32Tensor([rows, D_IN], values)));
}

const cases: [string, number, (v: number) => number, string[], string[]][] = [
  ["constant data", 400, () => 3, [], ["constant_data"]],
  ["data of variance 1e-14", 400, (v) => 1e-7 * v, [], ["tiny_variance", "fvu_above_one"]],
  ["10 rows for batches of 512", 12, (v) => v, ["training.batch=512"], ["few_rows"]],
  ["a learning rate that explodes", 400, (v) => v, ["population.lr=100"], ["fvu_above_one"]],
  ["latents that are all dead", 4000, (v) => v, ["population={ d_sae: 16, architecture: relu, l1: 1000, lr: 0.01 }", "training.steps=600"], ["dead_latents"]], // biome-ignore format: one line
];

test.each(cases)("%s", async (_, rows, of, settings, codes) => {
  const folder = temporaryFolder();
  write(folder, rows, of);
  const warned: string[] = [];
  const source = ["source={ kind: arrays, path: x.npy }", ...settings];
  const [run] = await tinyRuns(folder, source, (event) => {
    if (event.kind === "warning") warned.push(event.message);
  });
  const { warnings = [] } = (await readEvaluation(run!))!;
  expect(warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(codes));
  expect(warned).toEqual(expect.arrayContaining(warnings.map(({ message }) => message)));
});

test("run, runs, show and the report say the same of the same run", async () => {
  const folder = temporaryFolder();
  write(folder, 400, () => 3);
  const config = `name: flat
source: { kind: arrays, path: x.npy }
population: { d_sae: 16, k: 2 }
training: { batch: 32, steps: 5 }
`;
  writeFileSync(join(folder, "flat.yaml"), config);
  const run = await concord(["run", "flat.yaml"], folder);
  const line = /warning: (All held-out rows are the same: .*)\n/.exec(run.stderr)?.[1];
  expect(line).toBeDefined();
  const again = await concord(["run", "flat.yaml", "--resume", "--json"], folder);
  expect(again.stderr).toContain(line);
  const evaluation = JSON.parse(again.stdout).evaluation;
  expect(evaluation.warnings[0]).toEqual({ code: "constant_data", message: line });
  const [runs, runsJson, show] = await Promise.all([
    concord(["runs"], folder),
    concord(["runs", "--json"], folder),
    concord(["show", "flat"], folder),
  ]);
  expect(runs.stdout).toContain(`\nflat: warning: ${line}\n`);
  expect(JSON.parse(runsJson.stdout)[0].warnings).toEqual(evaluation.warnings);
  expect(show.stdout).toContain(`\nwarning: ${line}\n`);
  // One number, one text.
  expect(run.stdout).toMatch(/\nmember-0 +topk +\d+ +NaN /);
  expect(runs.stdout).toMatch(/\nflat +finished +5\/5 +1 +NaN /);
  const page = readFileSync(join(folder, "runs/flat/report.html"), "utf8");
  expect(page).toContain("Doubtful results");
});
