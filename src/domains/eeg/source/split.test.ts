import { describe, expect, test } from "vitest";
import { type SplitOptions, splitRecordings as split } from "./split.ts";

const splitRecordings = (seconds: readonly number[], options: SplitOptions = {}) =>
  split(
    seconds.map((s, i) => ({ name: `data/S${i}/run.edf`, seconds: s })),
    options,
  );

describe("several recordings", () => {
  const seconds = Array.from({ length: 20 }, () => 60);

  test("are held out whole until they make up the fraction", () => {
    for (const [fraction, count] of [
      [0.1, 2],
      [0.12, 3],
      [0.5, 10],
      [0.01, 1],
    ] as const) {
      const found = splitRecordings(seconds, { heldOutFraction: fraction });
      expect(found.by === "recording" && found.heldOut.filter(Boolean).length).toBe(count);
    }
  });

  test("the seed decides which, always the same", () => {
    const splits = [1, 1, 2, 3].map((seed) => splitRecordings(seconds, { seed }));
    expect(splits[0]).toEqual(splits[1]);
    expect(new Set(splits.map((s) => JSON.stringify(s))).size).toBeGreaterThan(1);
  });

  test("one is always left to train on", () => {
    for (const seed of [0, 1, 2, 3, 4]) {
      const found = splitRecordings([10, 10], { heldOutFraction: 0.99, seed });
      expect(found.by === "recording" && found.heldOut.filter(Boolean).length).toBe(1);
    }
  });
});

describe("a single recording", () => {
  test("is held out at its end, after a guard gap", () => {
    expect(splitRecordings([100], { heldOutFraction: 0.2, guardSeconds: 3 })).toEqual({
      by: "time",
      trainEnd: 77,
      heldOutStart: 80,
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

describe("recordings that are named", () => {
  const heldOutOf = (heldOut: string[]) => splitRecordings([10, 10, 10], { heldOut });

  test("are held out, and no other", () => {
    expect(heldOutOf(["S0/", "S2/"])).toEqual({ by: "recording", heldOut: [true, false, true] });
  });

  test("must exist, and must not be all", () => {
    expect(() => heldOutOf(["S7/"])).toThrow('No recording has "S7/" in its name');
    expect(() => heldOutOf(["run"])).toThrow("All 3 recordings would be held out");
  });
});
