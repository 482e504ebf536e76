import { expect, test } from "vitest";
import { normalAt, randomStream } from "../philox.ts";
import { bootstrapInterval, meanBootstrap } from "./bootstrap.ts";

test("the interval of a mean is about ± 1.96 standard errors, and covers it as often as it says", () => {
  let covered = 0;
  let width = 0;
  const [n, trials] = [100, 200];
  for (let t = 0; t < trials; t++) {
    const values = Array.from({ length: n }, (_, i) => normalAt(randomStream(t, "values"), i));
    const [low, high] = meanBootstrap(randomStream(t, "draws"), values)!;
    if (low <= 0 && high >= 0) covered++;
    width += (high - low) / trials;
  }
  expect(width).toBeGreaterThan((2 * 1.96 * 0.95) / Math.sqrt(n));
  expect(width).toBeLessThan((2 * 1.96 * 1.03) / Math.sqrt(n));
  // 95 % of 200 is 190, with a standard deviation of 3.
  expect(covered).toBeGreaterThan(178);
});

test("the stream decides; one thing, and a statistic that never is, have no interval", () => {
  const values = Array.from({ length: 50 }, (_, i) => Math.sqrt(i));
  const of = (seed: number) => meanBootstrap(randomStream(seed, "x"), values);
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
  expect(meanBootstrap(randomStream(1, "x"), [3])).toBeUndefined();
  expect(bootstrapInterval(randomStream(1, "x"), 5, () => undefined)).toBeUndefined();
});
