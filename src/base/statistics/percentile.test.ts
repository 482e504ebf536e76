import { expect, test } from "vitest";
import { percentile } from "./percentile.ts";

// By NumPy 2.4: numpy.percentile([3, 1, 2, 10], [...]).
test.each([
  [0, 1],
  [0.25, 1.75],
  [0.5, 2.5],
  [0.9, 7.9],
  [1, 10],
])("at %d it is NumPy's", (q, value) => {
  expect(percentile([3, 1, 2, 10], q)).toBeCloseTo(value, 12);
});

test("numbers are sorted as numbers, and the array stays as it was", () => {
  const values = [100, 9, -20];
  expect(percentile(values, 0.5)).toBe(9);
  expect(values).toEqual([100, 9, -20]);
});

test("what is not finite does not count", () => {
  expect(percentile([Number.NaN, 4, Number.POSITIVE_INFINITY, 6], 0.5)).toBe(5);
  expect(percentile([Number.NaN], 0.5)).toBeUndefined();
  expect(percentile([], 0.5)).toBeUndefined();
});

test("one value is every percentile, and a fraction beyond the ends is the end", () => {
  expect([0, 0.3, 1].map((q) => percentile(Float32Array.of(7), q))).toEqual([7, 7, 7]);
  expect([-1, 2].map((q) => percentile([1, 2], q))).toEqual([1, 2]);
});
