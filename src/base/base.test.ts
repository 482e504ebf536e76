import { expect, test } from "vitest";
import { given } from "./given.ts";
import { isObject, valueAt } from "./json.ts";
import { mean, sum } from "./statistics/mean.ts";

test("what is undefined is left out, what is null or 0 is given", () => {
  expect(given({ a: undefined, b: null, c: 0 })).toEqual({ b: null, c: 0 });
  expect("a" in given({ a: undefined })).toBe(false);
});

test("a list and null are not objects with keys", () => {
  expect([{}, { a: 1 }, [], null, "x", undefined].map(isObject)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test("a path leads to a value, or nowhere", () => {
  const config = { coupling: { weight: 3 }, list: [{ k: 8 }], text: "abc" };
  expect(valueAt(config, "coupling.weight")).toBe(3);
  expect(valueAt(config, ["list", 0, "k"])).toBe(8);
  expect(valueAt(config, "text.length")).toBeUndefined();
  expect(valueAt(config, "coupling.weight.x")).toBeUndefined();
  expect(valueAt(undefined, "a")).toBeUndefined();
});

test("sums and means", () => {
  expect(sum([])).toBe(0);
  expect(sum(new Set([1, 2, 3]))).toBe(6);
  expect(mean(Float32Array.of(1, 2, 6))).toBe(3);
  expect(mean([])).toBeNaN();
});
