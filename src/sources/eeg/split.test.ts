import { describe, expect, test } from "vitest";
import { splitRecordings } from "./split.ts";

describe("several recordings", () => {
  const seconds = Array.from({ length: 20 }, () => 60);

  test("are held out whole until they make up the fraction", () => {
    for (const [fraction, count] of [
      [0.1, 2],
      [0.12, 3],
      [0.5, 10],
      [0.01, 1],
    ] as const) {
      const split = splitRecordings(seconds, { heldOutFraction: fraction });
      expect(split.by === "recording" && split.heldOut.filter(Boolean).length).toBe(count);
    }
  });

  test("the seed decides which, always the same", () => {
    const splits = [1, 1, 2, 3].map((seed) => splitRecordings(seconds, { seed }));
    expect(splits[0]).toEqual(splits[1]);
    expect(new Set(splits.map((s) => JSON.stringify(s))).size).toBeGreaterThan(1);
  });

  test("one is always left to train on", () => {
    for (const seed of [0, 1, 2, 3, 4]) {
      const split = splitRecordings([10, 10], { heldOutFraction: 0.99, seed });
      expect(split.by === "recording" && split.heldOut.filter(Boolean).length).toBe(1);
    }
  });
});

describe("a single recording", () => {
  test("is held out at its end, after a guard gap", () => {
    expect(splitRecordings([100], { heldOutFraction: 0.2, guardSeconds: 3 })).toEqual({
      ...{ by: "time", trainEnd: 77, heldOutStart: 80 },
    });
  });

  test("too short for the gap is refused", () => {
    expect(() => splitRecordings([5])).toThrow(/nothing is left to train on/);
  });
});

test("fractions and gaps that make no sense are refused", () => {
  for (const heldOutFraction of [0, 1, Number.NaN]) {
    expect(() => splitRecordings([100, 100], { heldOutFraction })).toThrow(/heldOutFraction/);
  }
  expect(() => splitRecordings([100], { guardSeconds: -1 })).toThrow(/guardSeconds/);
});
