import { describe, expect, test } from "vitest";
import { changeText, differenceText, keyChanges, LENGTH_KEYS, RESUMABLE_KEYS } from "./changes.ts";

describe("differences of two configs", () => {
  test("are named by the paths of their keys, in the order of the first one", () => {
    const before = { seed: 0, training: { steps: 5, batch: 8 }, population: { k: [1, 2] } };
    const after = { training: { batch: 16, steps: 5 }, seed: 1, population: { k: [1, 3] } };
    expect(keyChanges(before, after)).toEqual([
      { key: "seed", before: 0, after: 1 },
      { key: "training.batch", before: 8, after: 16 },
      { key: "population.k", before: [1, 2], after: [1, 3] },
    ]);
  });

  test("are keys that only one of them has", () => {
    expect(keyChanges({ a: 1 }, { b: 2 })).toEqual([
      { key: "a", before: 1, after: undefined },
      { key: "b", before: undefined, after: 2 },
    ]);
  });

  test("are a whole section where the other one has something else", () => {
    expect(keyChanges({ aux: { k: 1 } }, { aux: false })).toEqual([
      { key: "aux", before: { k: 1 }, after: false },
    ]);
    expect(keyChanges({ a: [1] }, { a: { 0: 1 } })).toHaveLength(1);
  });

  test("are not the order of keys, nor a number written in another way", () => {
    expect(keyChanges({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([]);
    expect(keyChanges({ a: 1 }, { a: 1.0 })).toEqual([]);
    expect(keyChanges(undefined, undefined)).toEqual([]);
  });

  test("of values without keys have the path that they are given", () => {
    expect(keyChanges(1, 2, "source.rows")).toEqual([{ key: "source.rows", before: 1, after: 2 }]);
  });
});

test("a difference is said of there and here, a change as an arrow", () => {
  const change = { key: "coupling.weight", before: undefined, after: "x" };
  expect(differenceText(change)).toBe('coupling.weight is not set there and "x" here');
  expect(changeText(change)).toBe('coupling.weight not set → "x"');
  expect(changeText({ key: "a", before: { b: 1 }, after: null })).toBe('a {"b":1} → null');
});

test("the length of a run may change, and nothing that shaped the steps taken", () => {
  expect(LENGTH_KEYS).toEqual(["training.steps", "training.tokens", "training.epochs"]);
  for (const key of LENGTH_KEYS) expect(RESUMABLE_KEYS).toContain(key);
  for (const key of [
    "seed",
    "training.batch",
    "population.lr",
    "coupling.weight",
    "source.normalize",
  ])
    expect(RESUMABLE_KEYS).not.toContain(key);
});
