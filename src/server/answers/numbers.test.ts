import { expect, test } from "vitest";
import { finite, rounded } from "./numbers.ts";

test("six digits are kept, whatever the size", () => {
  const values = Float32Array.of(0, 0.1, -0.123456789, 1234567, 1e-30, 3e38, -1);
  expect(rounded(values)).toEqual([0, 0.1, -0.123457, 1234570, 1e-30, 3e38, -1]);
  expect(rounded([1 / 3])).toEqual([0.333333]);
});

test("what is not a number stays for JSON to make null of", () => {
  expect(JSON.stringify(rounded([Number.NaN, Number.POSITIVE_INFINITY]))).toBe("[null,null]");
  expect([finite(Number.NaN), finite(undefined), finite(null), finite(0)]).toEqual([
    null,
    null,
    null,
    0,
  ]);
});
