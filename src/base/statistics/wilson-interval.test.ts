import { expect, test } from "vitest";
import { wilsonInterval } from "./wilson-interval.ts";

test("as statsmodels computes it", () => {
  // statsmodels.stats.proportion.proportion_confint(hits, trials, method="wilson")
  const [low, high] = wilsonInterval(8, 10)!;
  expect(low).toBeCloseTo(0.4901625, 6);
  expect(high).toBeCloseTo(0.9433178, 6);
});

test("none right and all right keep to the range, and no trial has no interval", () => {
  expect(wilsonInterval(0, 5)![0]).toBe(0);
  expect(wilsonInterval(0, 5)![1]).toBeCloseTo(0.4344825, 6);
  expect(wilsonInterval(5, 5)![1]).toBe(1);
  expect(wilsonInterval(0, 0)).toBeUndefined();
});
