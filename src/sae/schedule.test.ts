import { expect, test } from "vitest";
import { scheduleFactor } from "./schedule.ts";

const factors = (
  warmupSteps: number,
  decayStart: number | undefined,
  totalSteps: number,
): number[] =>
  Array.from({ length: totalSteps }, (_, step) =>
    scheduleFactor({ warmupSteps, decayStart, totalSteps }, step),
  );

test("warm-up grows from zero, decay falls towards zero after the last step", () => {
  expect(factors(4, 6, 10)).toEqual([0, 0.25, 0.5, 0.75, 1, 1, 1, 0.75, 0.5, 0.25]);
});

test("without either the rate is constant", () => {
  expect(factors(0, undefined, 5)).toEqual([1, 1, 1, 1, 1]);
});

test("a warm-up longer than the run never ends", () => {
  expect(factors(10, 2, 3)).toEqual([0, 0.1, 0.2]);
});
