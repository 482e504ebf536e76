import { describe, expect, test } from "vitest";
import { type AxisOptions, horizontalAxis, makeAxis, placed, tickTextWidth } from "./axis.ts";

const axis = (values: readonly number[], options: Partial<AxisOptions> = {}, wanted = 5) =>
  makeAxis({ label: "x", values, ...options }, wanted);

describe("a linear axis", () => {
  test("has round ticks with the same decimals", () => {
    expect(axis([0.03, 0.97], { include: [0, 1] }).texts).toEqual([
      "0.0",
      "0.2",
      "0.4",
      "0.6",
      "0.8",
      "1.0",
    ]);
  });

  test("reaches the next ticks when it is nice, and no further than its data otherwise", () => {
    expect(axis([0.3, 9.6], { nice: true }).domain).toEqual([0, 10]);
    expect(axis([0.3, 9.6]).domain).toEqual([0.3, 9.6]);
  });

  test("includes what it is told to, and ignores what is not finite", () => {
    const { domain } = axis([2, Number.NaN, Number.POSITIVE_INFINITY], { include: [0, 4] });
    expect(domain).toEqual([0, 4]);
  });

  test("of nothing, of one value, of 0 and of values too large to subtract has a width", () => {
    expect(axis([]).domain).toEqual([0, 1]);
    expect(axis([-3]).domain).toEqual([-4.5, -1.5]);
    expect(axis([0, 0]).domain).toEqual([0, 1]);
    expect(axis([-1.7e308, 1.7e308]).domain).toEqual([-1e300, 1e300]);
  });

  test.each([
    [
      [0, 0.001],
      ["0.0000", "0.0002", "0.0004", "0.0006", "0.0008", "0.0010"],
    ],
    [
      [-1.5, 1],
      ["−1.5", "−1.0", "−0.5", "0.0", "0.5", "1.0"],
    ],
    [
      [0, 50_000],
      ["0", "10k", "20k", "30k", "40k", "50k"],
    ],
    [
      [0, 2_500_000],
      ["0", "0.5M", "1M", "1.5M", "2M", "2.5M"],
    ],
    [
      [0, 5e12],
      ["0", "1T", "2T", "3T", "4T", "5T"],
    ],
    [
      [0, 4e15],
      ["0", "1×10¹⁵", "2×10¹⁵", "3×10¹⁵", "4×10¹⁵"],
    ],
    [
      [0, 5e-6],
      ["0", "1×10⁻⁶", "2×10⁻⁶", "3×10⁻⁶", "4×10⁻⁶", "5×10⁻⁶"],
    ],
  ])("over %j has the ticks %j", (values, wanted) => {
    expect(axis(values).texts).toEqual(wanted);
  });

  test("of logarithms has whole powers of ten as ticks", () => {
    expect(axis([-6, -4.5], { powers: true }).texts).toEqual(["10⁻⁶", "10⁻⁵"]);
  });
});

describe("an axis of counts", () => {
  test.each([
    [
      [0, 1],
      ["0", "1"],
    ],
    [
      [1, 3],
      ["1", "2", "3"],
    ],
    [
      [0, 2],
      ["0", "1", "2"],
    ],
    [
      [2, 7],
      ["2", "3", "4", "5", "6", "7"],
    ],
  ])("over %j has no halves: %j", (values, wanted) => {
    expect(axis(values).texts).toEqual(wanted);
    expect(horizontalAxis({ label: "x", values }, 380).texts).toEqual(wanted);
  });

  test("of one count has that count", () => {
    expect(axis([1]).texts).toEqual(["1"]);
  });

  test("is one of measures where it is told so", () => {
    expect(axis([0, 1], { whole: false }).texts).toContain("0.2");
  });
});

describe("a logarithmic axis", () => {
  const log = (values: readonly number[], wanted = 5) => axis(values, { kind: "log" }, wanted);

  test("says so, and leaves out what is not positive", () => {
    const { label, domain } = log([0, -2, 1, 100]);
    expect(label).toBe("x (log scale)");
    expect(domain).toEqual([1, 100]);
    expect([placed(0, "log"), placed(-1, "log")]).toEqual([Number.NaN, Number.NaN]);
  });

  test("has powers of ten, or 1, 2, 5 within few decades", () => {
    expect(log([1e-6, 1], 6).texts.slice(0, 2)).toEqual(["10⁻⁶", "10⁻⁵"]);
    expect(log([0.04, 0.8]).texts).toEqual(["0.05", "0.1", "0.2", "0.5"]);
    expect(log([1e-12, 1], 4).texts).toEqual(["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1"]);
  });

  test("without a positive value reaches from 0.1 to 1, and of one a factor of three each way", () => {
    expect(log([0, -1]).domain).toEqual([0.1, 1]);
    expect(log([6]).domain).toEqual([2, 18]);
  });

  test("within one decade has ticks nevertheless", () => {
    const { ticks } = log([0.31, 0.38]);
    expect(ticks.length).toBeGreaterThan(1);
    for (const tick of ticks) expect(tick).toBeGreaterThanOrEqual(0.31);
  });

  test("over a narrow range has as many digits as tell its ticks apart", () => {
    expect(log([0.183, 0.1855]).texts).toEqual([
      "0.183",
      "0.1835",
      "0.184",
      "0.1845",
      "0.185",
      "0.1855",
    ]);
  });

  test("holds the smallest numbers there are", () => {
    expect(log([5e-324, 1]).domain).toEqual([1e-300, 1]);
  });
});

describe("an axis below a plot", () => {
  test("has fewer ticks where there is less room", () => {
    const ticks = (width: number) =>
      horizontalAxis({ label: "x", values: [0.1, 12.7] }, width).ticks.length;
    expect(ticks(400)).toBeGreaterThan(ticks(90));
    expect(ticks(1)).toBe(1);
  });

  test("knows how wide its texts are", () => {
    expect(tickTextWidth({ ...axis([]), texts: [] })).toBe(0);
    expect(tickTextWidth(axis([0, 1000]))).toBeGreaterThan(tickTextWidth(axis([0, 5])));
  });
});
