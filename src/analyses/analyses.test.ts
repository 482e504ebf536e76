import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filesBelow } from "../../test/support/cli.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor } from "../base/tensor.ts";
import { parseConfig } from "../config/load-config.ts";
import type { Analysis, AnalysisResults } from "../domains/analysis.ts";
import { readSafetensors } from "../formats/safetensors-file.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { ANALYSES, earlierResults, isWanted, optionsOf, writeAnalyses } from "./analyses.ts";

const vector = (...values: number[]) => float32Tensor([values.length], Float32Array.from(values));

/** An analysis that leaves the results that it is given. */
const leaving: Analysis<AnalysisResults> = {
  name: "leaving",
  summary: "Leaves what it is given",
  applies: () => true,
  analyse: () => Promise.reject(new Error("not asked for")),
  results: (found) => found,
  read: async () => undefined,
};

const write = (folder: RunFolder, all: readonly AnalysisResults[], add = false) =>
  writeAnalyses(
    folder,
    all.map((found) => ({ analysis: leaving, found })),
    add ? earlierResults(folder) : undefined,
  );

test("what several analyses leave under one name is put together, in order", async () => {
  const folder = new RunFolder(temporaryFolder());
  await write(folder, [
    { json: { evaluation: { rows: 2 } }, tensors: { latents: new Map([["a.x", vector(1)]]) } },
    { json: { evaluation: { denoising: 1 }, other: {} } },
    { tensors: { latents: new Map([["a.y", vector(2, 3)]]) } },
  ]);
  const text = readFileSync(folder.file("results", "evaluation.json"), "utf8");
  expect(text).toBe('{\n  "rows": 2,\n  "denoising": 1\n}\n');
  const { tensors } = await readSafetensors(folder.file("results", "latents.safetensors"));
  expect([...tensors.keys()].sort()).toEqual(["a.x", "a.y"]);
});

test("what is added later leaves the rest, what is written anew does not", async () => {
  const folder = new RunFolder(temporaryFolder());
  const first = { json: { e: { a: 1, b: 1 } }, tensors: { t: new Map([["x", vector(1)]]) } };
  const second = { json: { e: { b: 2 } }, tensors: { t: new Map([["y", vector(2)]]) } };
  const read = async () => {
    const { tensors } = await readSafetensors(folder.file("results", "t.safetensors"));
    return [await folder.readJson("results/e.json"), [...tensors.keys()].sort()];
  };
  await write(folder, [first]);
  await write(folder, [second], true);
  expect(await read()).toEqual([{ a: 1, b: 2 }, ["x", "y"]]);
  await write(folder, [second]);
  expect(await read()).toEqual([{ b: 2 }, ["y"]]);
});

test("what is written anew leaves nothing of earlier analyses but how members started", async () => {
  const folder = new RunFolder(temporaryFolder());
  const file = { tensors: new Map([["x", vector(1)]]) };
  await write(folder, [{ json: { old: {}, "deep/old": {} }, files: { "deep/x": file } }]);
  await folder.writeJson("results/starts.json", {});
  await write(folder, [{ json: { added: {} } }], true);
  expect(existsSync(folder.file("results", "deep", "x.safetensors"))).toBe(true);
  await write(folder, [{ json: { new: {}, "deep/new": {} }, files: { "new/x": file } }]);
  expect([...filesBelow(folder.path).keys()]).toEqual([
    "results/deep/new.json",
    "results/new.json",
    "results/new/x.safetensors",
    "results/starts.json",
  ]);
});

test("a config lists analyses by name, or with options, and all when it lists none", () => {
  const parsed = (analyses: string) =>
    parseConfig(
      `name: x\nsource: { kind: synthetic }\npopulation: { d_sae: 32 }\ntraining: { steps: 1 }\n${analyses}`,
      "x.yaml",
    )[0]!.config;
  const windows = ANALYSES.find(({ name }) => name === "eeg_windows")!;
  expect(
    ANALYSES.filter((analysis) => !isWanted(parsed(""), analysis)).map(({ name }) => name),
  ).toEqual([
    "latent_statistics",
    "baselines",
    "probes",
    "in_model",
    "interpretation",
    "interpretation_by_model",
    "consensus",
  ]);
  expect(optionsOf(parsed(""), windows)).toEqual({ windows: 512, atoms: 6 });
  const some = parsed("analyses: [evaluation, { kind: eeg_windows, atoms: 3 }]");
  expect(ANALYSES.filter((a) => isWanted(some, a)).map(({ name }) => name)).toEqual([
    "evaluation",
    "eeg_windows",
  ]);
  expect(optionsOf(some, windows)).toEqual({ windows: 512, atoms: 3 });
  expect(() => parsed("analyses: [evaluation, { kind: eeg_windows, atoms: 0 }]")).toThrow(
    /analyses\.1\.atoms: expected a number of at least 1/,
  );
  expect(() => parsed("analyses: [evaluation, { kind: denoising }]")).toThrow(/analyses\.1/);
});

test("names are unique, and every option says what it means", () => {
  const names = ANALYSES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { options = { shape: {} } } of ANALYSES)
    for (const [key, schema] of Object.entries(options.shape))
      expect((schema as { description?: string }).description, key).toMatch(/\S/);
});
