import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { RunEvent } from "./train-run.ts";

test("a run that is judged again trains no more, and its record keeps what training took", async () => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder);
  const before = (await run!.readRecord()).measured!;
  expect(before["training_seconds"]).toBeGreaterThan(0);
  rmSync(run!.file("results"), { recursive: true });
  await tinyRuns(folder, [], () => {}, undefined, true);
  const { measured, attempts } = await run!.readRecord();
  expect(attempts.map(({ fromStep, toStep }) => [fromStep, toStep])).toEqual([
    [0, 20],
    [20, 20],
  ]);
  expect(measured).toMatchObject({
    training_seconds: before["training_seconds"],
    activations_per_second: before["activations_per_second"],
  });
});

test("training seconds of a run that was interrupted are those of all its attempts", async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const afterEight = (event: RunEvent) => {
    if (event.kind === "step" && event.step.step === 7) stop.abort();
  };
  await expect(tinyRuns(folder, [], afterEight, stop.signal)).rejects.toThrow("after step 8 of 20");
  await tinyRuns(folder, [], () => {}, undefined, true);
  const { measured, attempts } = await new RunFolder(`${folder}/tiny`).readRecord();
  const [first, second] = attempts.map((attempt) => attempt.trainingSeconds!);
  expect(measured!["training_seconds"]).toBeCloseTo(first! + second!, 9);
  expect(measured!["activations_per_second"]).toBeCloseTo((12 * 32) / second!, 6);
});
