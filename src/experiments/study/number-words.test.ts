import { expect, test } from "vitest";
import { intervalText, outcomeText, styleOf } from "./number-words.ts";

const cell = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half, n: 3 });

test("an interval has two significant digits and its mean as many decimals", () => {
  expect(intervalText(cell(0.91234, 0.01234))).toBe("0.912 ± 0.012");
  expect(intervalText(cell(0.02, 0.12), { signed: true })).toBe("+0.02 ± 0.12");
  expect(intervalText(cell(-0.0473, 0.0127), { signed: true, percent: true })).toBe(
    "−4.7 ± 1.3\u00a0%",
  );
  expect(intervalText(cell(642, 185))).toBe("642 ± 185");
});

test("an interval too small to show is said to be smaller than the last decimal", () => {
  expect(intervalText(cell(0.999987, 7e-6))).toBe("1.0000 ± <0.0001");
});

test("what is alike in all seeds has no interval to speak of", () => {
  expect(intervalText(cell(1339, 0))).toBe("1339");
  expect(intervalText(cell(15_000, 0))).toBe("15\u202f000");
  expect(intervalText(cell(1, 0), { percent: true })).toBe("100\u00a0%");
  expect(intervalText(cell(0.003_906_25, 0), { percent: true })).toBe("0.3906 ± 0\u00a0%");
  expect(intervalText(cell(0, 0), { signed: true })).toBe("0");
});

test("rounding of equal values is not an interval", () => {
  expect(intervalText(cell(1339, 2e-13))).toBe("1339");
});

test("one seed has a mean alone", () => {
  expect(intervalText({ mean: 0.5, n: 1 })).toBe("0.5");
  expect(intervalText({ mean: 9.1, n: 3 })).toBe("9.1");
  expect(intervalText({ mean: 0.036215, n: 1 })).toBe("0.0362");
});

test("nothing is a dash", () => {
  expect(intervalText(undefined)).toBe("–");
});

test("measures say how they are shown, and differences have a sign", () => {
  expect(styleOf({})).toEqual({ percent: false, signed: false });
  expect(styleOf({ show: "percent" }, true)).toEqual({ percent: true, signed: true });
  expect(styleOf({ show: "change" })).toEqual({ percent: true, signed: true });
});

test("an interval that includes 0 shows no difference", () => {
  expect(outcomeText("not shown")).toBe("no difference shown");
  expect(outcomeText("lower")).toBe("lower");
});
