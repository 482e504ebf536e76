import { expect, test } from "vitest";
import { batchText } from "./batch-line.ts";

test("the line says how far all jobs are, those included that have not begun", () => {
  const progress = {
    total: 6,
    finished: 1,
    failed: 0,
    running: 2,
    waiting: 3,
    counted: 3,
    steps: 140,
    totalSteps: 300,
  };
  expect(batchText(progress)).toBe(
    "1 of 6 jobs finished  2 running  3 waiting  140 of about 600 steps",
  );
  const none = { ...progress, finished: 0, running: 0, waiting: 6, counted: 0, totalSteps: 0 };
  expect(batchText(none)).toBe("0 of 6 jobs finished  6 waiting");
});
