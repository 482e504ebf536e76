import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { runDetails, runOverviews } from "./overview.ts";
import { readConsistency, readEvaluation } from "./results.ts";
import type { RunFolder } from "./run-folder.ts";

const alive = () => true;

async function overview(run: RunFolder, isAlive: () => boolean | undefined = alive) {
  const all = await runOverviews(join(run.path, ".."), isAlive);
  return all.find(({ folder }) => folder === run.path)!;
}

test("a finished run says how far it got, and its numbers", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=6"]);
  const found = await overview(run!);
  const evaluation = (await readEvaluation(run!))!;
  const inside = evaluation.members.filter((m) => m.coupled).map((m) => m.metrics["fvu"]!);
  expect(found).toMatchObject({
    name: "tiny",
    state: "finished",
    steps: 6,
    totalSteps: 6,
    members: 4,
    settings: 1,
    fvu: expect.closeTo(
      inside.reduce((sum, v) => sum + v / 3, 0),
      12,
    ),
    config: expect.objectContaining({ name: "tiny" }),
  });
  expect(found.pwMcc!.mean).toBeCloseTo((await readConsistency(run!))!.pw_mcc!.mean, 12);
  expect(found).not.toHaveProperty("problem");
});

test("members of several settings have a number each, and none together", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["population.k=[1, 2]", "training.steps=2"]);
  const found = await overview(run!);
  expect([found.settings, found.metrics!["fvu"]!.length, found.fvu, found.pwMcc]).toEqual([
    2,
    2,
    undefined,
    undefined,
  ]);
});

test("a run whose process is gone was killed; one that is interrupted says so itself", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=2"]);
  const record = await run!.readRecord();
  const [attempt] = record.attempts;
  const { endedAt: _, ...going } = attempt!;
  await run!.writeRecord({ ...record, status: "running", attempts: [going] });
  // Nobody holds its lock.
  expect((await overview(run!)).state).toBe("killed");
  expect((await overview(run!, () => false)).state).toBe("killed");
  await run!.writeRecord({ ...record, status: "interrupted" });
  expect((await overview(run!)).state).toBe("interrupted");
});

test("the error of a failed run is told", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=2"]);
  const record = await run!.readRecord();
  const attempts = record.attempts.map((one) => ({ ...one, error: "the loss is not finite" }));
  await run!.writeRecord({ ...record, status: "failed", attempts });
  expect(await overview(run!)).toMatchObject({ problem: "the loss is not finite" });
});

test("a damaged run is listed with what is wrong with it, and the others as ever", async () => {
  const root = temporaryFolder();
  await tinyRuns(root, ["seed=[0, 1]", "training.steps=2"]);
  mkdirSync(join(root, "damaged"));
  writeFileSync(join(root, "damaged/run.json"), "{");
  const all = await runOverviews(root, alive);
  expect(all.map(({ name, state }) => [name, state])).toEqual([
    ["damaged", "unreadable"],
    ["tiny/seed=0", "finished"],
    ["tiny/seed=1", "finished"],
  ]);
  expect(all[0]!.problem).toContain("run.json: not JSON");
});

test("a run without its config has an overview without one", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=2"]);
  rmSync(run!.file("config.yaml"));
  expect(await overview(run!)).not.toHaveProperty("config");
  await expect(runDetails(run!, alive)).rejects.toMatchObject({ code: "file/missing" });
});

test("the details are everything that the folder says", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=3", "training.log_every=1"]);
  const details = await runDetails(run!, alive);
  expect(details.files.map(({ name }) => name)).toEqual([
    "checkpoints/",
    "config.yaml",
    "events.jsonl",
    "metrics.jsonl",
    "results/",
    "run.json",
    "saes/",
    "timings.jsonl",
  ]);
  expect(details.files.every(({ name, bytes }) => bytes > 0 || name === "events.jsonl")).toBe(true);
  expect(details.stepMilliseconds!.total).toBeGreaterThan(0);
  expect(details.config).toMatchObject({ training: { steps: 3 } });
  writeFileSync(run!.file("config.yaml"), "a: [");
  await expect(runDetails(run!, alive)).rejects.toThrow("config.yaml: not YAML");
  writeFileSync(run!.file("config.yaml"), "7");
  await expect(runDetails(run!, alive)).rejects.toThrow("expected a mapping");
});

test("results that are not what they should be are refused with file and key", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=2"]);
  await run!.writeJson("results/evaluation.json", { rows: 1, members: [{ name: "a" }] });
  await expect(readEvaluation(run!)).rejects.toThrow(/evaluation\.json: members\.0\./);
  await run!.writeJson("results/consistency.json", { pairs: [{ a: "x", b: "y", mcc: "high" }] });
  await expect(readConsistency(run!)).rejects.toThrow(/consistency\.json: pairs\.0\.mcc/);
  rmSync(run!.file("results"), { recursive: true });
  expect(await readEvaluation(run!)).toBeUndefined();
  expect(await readConsistency(run!)).toBeUndefined();
});
