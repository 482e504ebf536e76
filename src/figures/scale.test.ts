import { describe, expect, test } from "vitest";
import { makeScale } from "./scale.ts";

const texts = (values: number[], options: Partial<Parameters<typeof makeScale>[1]> = {}) =>
  makeScale(values, { range: [0, 100], ...options }).ticks.map((t) => t.text);

describe("a linear scale", () => {
  test("may run downwards, as y does on a page", () => {
    const scale = makeScale([0, 10], { range: [200, 100] });
    expect([0, 5, 10, 99].map(scale.at)).toEqual([200, 150, 100, 100]);
  });

  test("reaches the next ticks when it is nice, and no further than its data otherwise", () => {
    const [values, range] = [
      [0.3, 9.6],
      [0, 1],
    ] as const;
    expect(makeScale(values, { range, nice: true, ticks: 5 }).domain).toEqual([0, 10]);
    expect(makeScale(values, { range, ticks: 5 }).domain).toEqual([0.3, 9.6]);
  });

  test("includes what it is told to, and ignores what is not finite", () => {
    const scale = makeScale([2, Number.NaN, Number.POSITIVE_INFINITY], {
      range: [0, 1],
      include: [0, 4],
    });
    expect(scale.domain).toEqual([0, 4]);
    expect(scale.shows(Number.POSITIVE_INFINITY)).toBe(false);
    expect(scale.shows(-5)).toBe(true);
  });

  test("of one negative value, or of 0, has a width", () => {
    expect(makeScale([-3], { range: [0, 1] }).domain).toEqual([-4.5, -1.5]);
    expect(makeScale([0, 0], { range: [0, 1] }).domain).toEqual([0, 1]);
  });

  test.each([
    [
      [0, 0.001],
      ["0.0000", "0.0002", "0.0004", "0.0006", "0.0008", "0.0010"],
    ],
    [
      [-1, 1],
      ["−1.0", "−0.5", "0.0", "0.5", "1.0"],
    ],
    [
      [0, 2_500_000],
      ["0", "0.5M", "1M", "1.5M", "2M", "2.5M"],
    ],
    [
      [0, 5e9],
      ["0", "1G", "2G", "3G", "4G", "5G"],
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
    expect(texts(values as number[])).toEqual(wanted);
  });

  test("keeps a least step between ticks, and takes texts of its own", () => {
    const scale = makeScale([-6, -4], {
      range: [0, 1],
      leastStep: 1,
      tickText: (v) => `e${v}`,
    });
    expect(scale.ticks.map((t) => t.text)).toEqual(["e-6", "e-5", "e-4"]);
  });
});

describe("a logarithmic scale", () => {
  test("leaves out what is not positive, and puts it on the lower edge", () => {
    const scale = makeScale([0, -2, 1, 100], { kind: "log", range: [0, 10] });
    expect(scale.domain).toEqual([1, 100]);
    expect(scale.at(10)).toBeCloseTo(5, 12);
    expect([scale.at(0), scale.at(-1)]).toEqual([0, 0]);
    expect([scale.shows(0), scale.shows(1e-300)]).toEqual([false, true]);
  });

  test("without a positive value reaches from 0.1 to 1", () => {
    expect(makeScale([0, -1], { kind: "log", range: [0, 1] }).domain).toEqual([0.1, 1]);
  });

  test("of one value reaches a factor of three to both sides", () => {
    const [low, high] = makeScale([6], { kind: "log", range: [0, 1] }).domain;
    expect([low, high]).toEqual([2, 18]);
  });

  test("over many decades leaves some powers of ten out", () => {
    const ticks = texts([1e-12, 1], { kind: "log", ticks: 4 });
    expect(ticks).toEqual(["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1"]);
  });

  test("within one decade has ticks nevertheless", () => {
    const ticks = texts([0.31, 0.38], { kind: "log" });
    expect(ticks.length).toBeGreaterThan(1);
    for (const text of ticks) expect(Number(text)).toBeGreaterThanOrEqual(0.31);
  });

  test("holds the smallest numbers there are", () => {
    const scale = makeScale([5e-324, 1], { kind: "log", range: [0, 1] });
    expect(scale.at(5e-324)).toBe(0);
    expect(scale.at(1)).toBe(1);
  });
});
