import { expect, test } from "vitest";
import { TEST_NUMBERS, TEST_STUDY } from "../../../test/support/test-study.ts";
import { outcomeOf, StudyResults } from "./study-results.ts";

const results = new StudyResults(TEST_STUDY, TEST_NUMBERS);

test("a cell is the mean over seeds in the order of the seeds, with its interval", () => {
  const cell = results.cell("none", "fvu")!;
  expect(cell.values).toEqual([0.1, 0.2, 0.4]);
  expect(cell.mean).toBeCloseTo(0.7 / 3, 12);
  // t(0.975, 2) = 4.303, s = 0.1528.
  expect(cell.high! - cell.mean).toBeCloseTo((4.302_65 * 0.152_752_5) / Math.sqrt(3), 4);
});

test("differences and changes are paired by seed, whatever the order of runs", () => {
  const change = results.change("mfr", "none", "fvu")!;
  expect(change.mean).toBeCloseTo(-0.1, 12);
  expect(change.high! - change.low!).toBeLessThan(1e-12);
  expect(results.difference("mfr", "none", "fvu")!.values.map((v) => v.toFixed(3))).toEqual([
    "-0.010",
    "-0.020",
    "-0.040",
  ]);
});

test("seeds that only one arm has are left out of a comparison", () => {
  const found = results.difference("single", "none", "fvu")!;
  expect(found.n).toBe(1);
  expect(found.mean).toBeCloseTo(0.1, 12);
});

test("an arm without one of its seeds has no cell", () => {
  const fewer = new StudyResults(TEST_STUDY, {
    ...TEST_NUMBERS,
    runs: TEST_NUMBERS.runs.filter((run) => run.arm !== "none" || run.seed !== 2),
  });
  expect(fewer.cell("none", "fvu")).toBeUndefined();
  expect(fewer.change("mfr", "none", "fvu")).toBeUndefined();
  expect(fewer.outcome({ measure: "fvu", arm: "mfr" })).toBe("too few seeds");
  expect(fewer.cell("both", "fvu")).toBeUndefined();
});

test("a pooled arm is the mean over its arms, seed by seed, nulls too", () => {
  expect(results.cell("both", "fvu")!.values.map((v) => v.toFixed(3))).toEqual([
    "0.095",
    "0.190",
    "0.380",
  ]);
  expect(results.null("both", "pw_mcc")).toBeCloseTo(0.2, 12);
});

test("a mean of which no seeds were kept has its interval and no values", () => {
  expect(results.cell("kept", "fvu")).toMatchObject({ mean: -0.01, low: -0.03, high: 0.01, n: 3 });
  expect(results.cell("kept", "fvu")!.values).toEqual([]);
  expect(results.change("kept", "none", "fvu")).toBeUndefined();
});

test("a summary without a half width is a mean alone", () => {
  const summaries = [{ arm: "kept", measure: "fvu", mean: 2, n: 3 }];
  const other = new StudyResults(TEST_STUDY, { ...TEST_NUMBERS, summaries });
  expect(other.cell("kept", "fvu")).toEqual({ mean: 2, n: 3, values: [] });
});

test("an interval says lower, higher or nothing, and nothing below three seeds", () => {
  expect(outcomeOf({ mean: 1, low: 0.1, high: 1.9, n: 3 })).toBe("higher");
  expect(outcomeOf({ mean: -1, low: -1.9, high: -0.1, n: 3 })).toBe("lower");
  expect(outcomeOf({ mean: 1, low: -0.1, high: 2.1, n: 3 })).toBe("not shown");
  expect(outcomeOf({ mean: 1, low: 0, high: 2, n: 3 })).toBe("not shown");
  expect(outcomeOf({ mean: 1, low: 0.1, high: 1.9, n: 2 })).toBe("too few seeds");
  expect(outcomeOf({ mean: 1, n: 1 })).toBe("too few seeds");
});

test("a comparison is with the baseline, with a named arm or with a value", () => {
  expect(results.baselineOf("mfr")).toBe("none");
  expect(results.outcome({ measure: "pw_mcc", arm: "mfr" })).toBe("higher");
  // By difference the interval includes 0, by relative change it does not.
  expect(results.outcome({ measure: "fvu", arm: "mfr" })).toBe("not shown");
  expect(results.outcome({ measure: "fvu", arm: "mfr", as: "change" })).toBe("lower");
  expect(results.outcome({ measure: "pw_mcc", arm: "mfr", with: 0.5 })).toBe("higher");
  expect(results.outcome({ measure: "pw_mcc", arm: "mfr", with: 0.95 })).toBe("not shown");
  expect(results.compared({ measure: "pw_mcc", arm: "mfr", with: 0.5 })!.mean).toBeCloseTo(0.4, 12);
});

test("an arm's own baseline comes before the study's", () => {
  const arms = { ...TEST_STUDY.arms, mfr: { title: "MFR", baseline: "kept" } };
  const own = new StudyResults({ ...TEST_STUDY, arms, baseline: "single" }, TEST_NUMBERS);
  expect([own.baselineOf("mfr"), own.baselineOf("none")]).toEqual(["kept", "single"]);
});

test("the best of several arms, those without the number left out", () => {
  expect(results.best(["none", "mfr"], "fvu", "lower")).toBe("mfr");
  expect(results.best(["none", "mfr"], "fvu", "higher")).toBe("none");
  expect(results.best(["kept", "mfr"], "pw_mcc", "higher")).toBe("mfr");
  expect(() => results.best(["kept"], "pw_mcc", "higher")).toThrow("None of kept has pw_mcc.");
});

test("outcomes are counted", () => {
  const all = [
    { measure: "fvu", arm: "mfr", as: "change" },
    { measure: "pw_mcc", arm: "mfr" },
  ] as const;
  expect([results.count("lower", all), results.count("higher", all)]).toEqual([1, 1]);
});

test("names that the study does not have are refused, with those that it has", () => {
  expect(() => results.cell("other", "fvu")).toThrow('The study has no arm "other".');
  expect(() => results.cell("none", "l0")).toThrow('The study has no measure "l0".');
  try {
    results.title("constructor");
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ hint: "It has: none, mfr, both, kept, single" });
  }
});
