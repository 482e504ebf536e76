import { describe, expect, test } from "vitest";
import { madeRun } from "../../test/support/run-data.ts";
import type { RunAttempt } from "../runs/run-folder.ts";
import { measuredTraining, memoryWarnings } from "./run-numbers.ts";

const { record } = madeRun();
const attempt = (over: Partial<RunAttempt>): RunAttempt => ({
  startedAt: "t",
  host: "h",
  pid: 1,
  fromStep: 0,
  ...over,
});

describe("time and speed of training", () => {
  test("are those of the steps that this attempt took", () => {
    const own = attempt({ fromStep: 10, toStep: 30, trainingSeconds: 4 });
    expect(measuredTraining(record, own, 64)).toEqual({
      training_seconds: 4,
      activations_per_second: (20 * 64) / 4,
    });
  });

  test("add up over attempts, those that were killed before they could say left out", () => {
    const attempts = [
      attempt({ trainingSeconds: 3 }),
      attempt({}),
      attempt({ trainingSeconds: 2 }),
    ];
    const own = attempt({ toStep: 1, trainingSeconds: 0.5 });
    expect(measuredTraining({ ...record, attempts }, own, 1)["training_seconds"]).toBe(5.5);
  });

  test("of an attempt that only evaluated keep the speed of the one before", () => {
    const before = { ...record, measured: { activations_per_second: 777 } };
    expect(measuredTraining(before, attempt({ fromStep: 9, toStep: 9 }), 64)).toEqual({
      training_seconds: 0,
      activations_per_second: 777,
    });
    // Nobody knows a speed of a run that has never taken a step.
    expect(measuredTraining(record, attempt({}), 64)).toEqual({ training_seconds: 0 });
  });
});

describe("a plan that this machine has no memory for", () => {
  const planned = { peak_memory_bytes: 300 * 2 ** 20 };

  test("is warned of, without what the process has already", () => {
    expect(memoryWarnings(planned, 100 * 2 ** 20, 150 * 2 ** 20)).toEqual([
      "This run takes about 200 MiB of memory and 150 MiB are available: it may be killed. Fewer members, a smaller d_sae or batch need less.",
    ]);
  });

  test("is not, where it fits or nothing is known", () => {
    expect(memoryWarnings(planned, 100 * 2 ** 20, 200 * 2 ** 20)).toEqual([]);
    expect(memoryWarnings(planned)).toEqual([]);
    expect(memoryWarnings(undefined, 0, 1)).toEqual([]);
  });
});
