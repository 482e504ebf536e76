import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../../test/support/tiny-run.ts";
import { openBackend } from "../../backend/open-backend.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import { membersOf, readStudyRun } from "./study-run.ts";
import { uncoupledMcc } from "./uncoupled-mcc.ts";

/** Three members with seeds from `seed` on, and an independent one. */
async function tiny(seed = 0): Promise<RunFolder> {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=4", `seed=${seed}`]);
  return run!;
}

test("a finished run is read with its members, its config and its logs", async () => {
  const run = await readStudyRun(await tiny(), "none", 7);
  expect([run.arm, run.seed]).toEqual(["none", 7]);
  expect(run.members.map(({ name }) => name)).toEqual(["member-0", "member-1", "member-2"]);
  expect(run.evaluation.members).toHaveLength(4);
  expect(run.config).toMatchObject({ training: { steps: 4 } });
  expect((await run.log("metrics.jsonl")).map(({ step }) => step)).toEqual([1, 4]);
  expect(await run.log("events.jsonl")).toEqual([]);
});

test("latents have their similarities and densities by member", async () => {
  const run = await readStudyRun(await tiny(), "none", 0);
  const { others, truth } = (await run.latents("member-0"))!;
  expect([others.length, truth.length]).toEqual([16, 16]);
  expect((await run.density("member-1"))!).toHaveLength(16);
  expect(await run.latents("nobody")).toBeUndefined();
  expect(await run.density("nobody")).toBeUndefined();
});

test("a run that says that it finished and has no results is refused with what to do", async () => {
  const folder = await tiny();
  rmSync(folder.file("results"), { recursive: true });
  await expect(readStudyRun(folder, "none", 0)).rejects.toMatchObject({
    code: "format/invalid",
    hint: "Remove the run's folder, and it is trained again.",
  });
});

test("members are compared with those of the other run that began with other weights", async () => {
  const { backend } = openBackend({ threads: 1 });
  const run = await readStudyRun(await tiny(), "none", 0);
  const pairs = run.consistency!.pairs.map(({ mcc }) => mcc);
  const outside = run.consistency!.independent!.map(({ mcc }) => mcc);
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  // With itself: every pair of members from both sides, and each member with the outsider.
  const own = (await uncoupledMcc(backend, run, run))!;
  expect(own.value).toBeCloseTo(mean([...pairs, ...pairs, ...outside]), 5);
  expect(own.null).toBeGreaterThan(0);
});

test("without another member there is nothing to compare with", async () => {
  const { backend } = openBackend({ threads: 1 });
  const alone = ["training.steps=2", "population.members=1", "population.independent=0"];
  const [folder] = await tinyRuns(temporaryFolder(), alone);
  const run = await readStudyRun(folder!, "none", 0);
  expect(await uncoupledMcc(backend, run, run)).toBeUndefined();
});

test("members as seeds: each alone, with the next one as its partner", async () => {
  const run = await readStudyRun(await tiny(5), "none", 5);
  const alone = membersOf(run);
  expect(alone.map(({ seed }) => seed)).toEqual([5, 6, 7]);
  expect(alone.map(({ partner }) => partner?.seed)).toEqual([6, 7, 5]);
  expect(alone.map(({ members }) => members.map(({ name }) => name))).toEqual([
    ["member-0"],
    ["member-1"],
    ["member-2"],
  ]);
  expect(alone.map(({ evaluation }) => evaluation.members.length)).toEqual([1, 1, 1]);
});
