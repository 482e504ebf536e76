import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { madeMember, madeRun, madeSimilarity } from "../../test/support/run-data.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor } from "../base/tensor.ts";
import { writeSafetensors } from "../formats/safetensors-file.ts";
import { RunFolder, type RunRecord } from "../runs/run-folder.ts";
import { readRunData } from "./run-data.ts";
import { readSweep, sweepMembers } from "./sweep-data.ts";

const members = ["member-0", "member-1"].map((name) => madeMember(name));
const { record } = madeRun();

/** A run's folder with as little in it as there can be. */
async function folderOf(
  path = temporaryFolder(),
  config = "seed: 1\n",
  more: Partial<RunRecord> = {},
): Promise<RunFolder> {
  const folder = new RunFolder(path);
  await folder.makeFolder();
  await folder.writeText("config.yaml", config);
  await folder.writeRecord({ ...record, ...more });
  return folder;
}

async function withResults(folder: RunFolder): Promise<RunFolder> {
  await folder.makeFolder("results");
  await folder.writeJson("results/evaluation.json", { rows: 5, members });
  return folder;
}

describe("what a report reads of a run", () => {
  test("that has only begun is its config and its record", async () => {
    const data = await readRunData(await folderOf());
    expect(data).toMatchObject({
      config: { seed: 1 },
      configText: "seed: 1\n",
      record: { name: "made" },
      metrics: { lines: 0 },
      timings: { lines: 0 },
      events: { count: 0 },
      found: [],
    });
    expect([data.evaluation, data.consistency, data.dIn]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(data.latents.size).toBe(0);
  });

  test("leaves first steps of every process out of the times", async () => {
    const attempt = { startedAt: "t", host: "h", pid: 1 };
    const attempts = [
      { ...attempt, fromStep: 0 },
      { ...attempt, fromStep: 2 },
    ];
    const folder = await folderOf(undefined, undefined, { attempts });
    const lines = [1, 2, 3, 4].map((step) => `{"step":${step},"total":${step}}\n`);
    writeFileSync(folder.file("timings.jsonl"), lines.join(""));
    const { timings } = await readRunData(folder);
    expect(timings.times.total.values).toEqual([2, 4]);
  });

  test("has of each latent what was measured, and nothing else", async () => {
    const folder = await withResults(await folderOf());
    const tensors = new Map([
      ["member-0.density", float32Tensor([2], Float32Array.of(0.5, 0))],
      ["member-0.best_in_others", float32Tensor([2], Float32Array.of(0.75, 0.25))],
      ["member-1.best_in_truth", float32Tensor([2], Float32Array.of(1, 0))],
      ["member-9.density", float32Tensor([1], Float32Array.of(1))],
    ]);
    await writeSafetensors(folder.file("results", "latents.safetensors"), tensors);
    const { latents } = await readRunData(folder);
    expect(latents).toEqual(
      new Map([
        [
          "member-0",
          { density: Float32Array.of(0.5, 0), bestInOthers: Float32Array.of(0.75, 0.25) },
        ],
        ["member-1", { bestInTruth: Float32Array.of(1, 0) }],
      ]),
    );
  });

  test.each([
    ['{"d_in": 12}', 12],
    ['{"d_in": "12"}', 12],
    ['{"d_in": 0}', undefined],
    ['{"d_in": 1.5}', undefined],
    ["{}", undefined],
    ["null", undefined],
  ])("knows the width of its activations from %s as %s", async (cfg, width) => {
    const folder = await withResults(await folderOf());
    await folder.makeFolder("saes", "member-0");
    writeFileSync(folder.file("saes/member-0/cfg.json"), cfg);
    expect((await readRunData(folder)).dIn).toBe(width);
  });

  test("needs its config and its record", async () => {
    for (const name of ["config.yaml", "run.json"]) {
      const folder = await folderOf();
      rmSync(folder.file(name));
      await expect(readRunData(folder)).rejects.toMatchObject({
        code: "file/missing",
        message: expect.stringContaining(name),
      });
    }
  });
});

describe("what a report reads of a sweep", () => {
  async function sweep(): Promise<string> {
    const path = temporaryFolder();
    for (const [name, seed, weight] of [
      ["b/one", 1, 0],
      ["b/two", 2, 0.5],
    ] as const)
      await withResults(
        await folderOf(`${path}/${name}`, `seed: ${seed}\ncoupling: { weight: ${weight} }\n`),
      );
    return path;
  }

  test("are its runs by their places below it, with what their configs differ in", async () => {
    const path = await sweep();
    const runs = await readSweep(path, await sweepMembers(path));
    expect(runs.map(({ name, axes, coupled }) => ({ name, axes, coupled }))).toEqual([
      { name: "b/one", axes: { seed: 1, "coupling.weight": 0 }, coupled: false },
      { name: "b/two", axes: { seed: 2, "coupling.weight": 0.5 }, coupled: true },
    ]);
  });

  test("has no results of a run that has not finished, though files lie there", async () => {
    const path = await sweep();
    const folder = new RunFolder(`${path}/b/one`);
    await folder.writeRecord({ ...record, status: "interrupted" });
    const [one, two] = await readSweep(path, await sweepMembers(path));
    expect(one!.evaluation).toBeUndefined();
    expect(two!.evaluation!.rows).toBe(5);
  });

  test("has no logs where they are not asked for", async () => {
    const path = await sweep();
    const line = '{"step":1,"members":{"member-0":{"fvu":1}}}\n';
    writeFileSync(`${path}/b/one/metrics.jsonl`, line);
    const lines = async (logs: boolean) =>
      (await readSweep(path, await sweepMembers(path), logs))[0]!.metrics.lines;
    expect([await lines(true), await lines(false)]).toEqual([1, 0]);
  });

  test("of no runs is an error", async () => {
    await expect(readSweep("nowhere", [])).rejects.toThrow("There are no runs in nowhere.");
  });
});

test("results of a finished run are read with their comparisons", async () => {
  const folder = await withResults(await folderOf());
  const pairs = [{ a: "member-0", b: "member-1", ...madeSimilarity(0.5) }];
  await folder.writeJson("results/consistency.json", { pairs });
  expect((await readRunData(folder)).consistency).toEqual({ pairs });
});
