import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { besselI0, rateChange, resamplePoly } from "./resample.ts";

test("rate changes are in lowest terms", () => {
  expect(rateChange(250, 128)).toEqual({ up: 64, down: 125 });
  expect(rateChange(100, 250)).toEqual({ up: 5, down: 2 });
  expect(rateChange(250, 250)).toEqual({ up: 1, down: 1 });
  expect(rateChange(0.1, 100)).toEqual({ up: 1000, down: 1 });
  expect(rateChange(256 / 3, 100)).toEqual({ up: 75, down: 64 });
});

test("rates whose ratio is not a small fraction are refused", () => {
  expect(() => rateChange(Math.PI, 100)).toThrow(/not one of small integers/);
  expect(() => rateChange(0, 100)).toThrow(/Hz above 0/);
  expect(() => rateChange(100, Number.NaN)).toThrow(/Hz above 0/);
});

describe("resampling", () => {
  test.each([
    [250, 128],
    [128, 250],
    [100, 1000],
    [512, 100],
  ])("from %d to %d Hz keeps a 7 Hz sine", (from, to) => {
    const sine = (rate: number, n: number) =>
      Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * 7 * i) / rate));
    const y = resamplePoly(sine(from, 4 * from), rateChange(from, to));
    expect(y).toHaveLength(4 * to);
    const wanted = sine(to, 4 * to);
    expectAllclose(y.subarray(to, 3 * to), wanted.subarray(to, 3 * to), { atol: 2e-3 });
  });

  test("the same rate is a copy", () => {
    const x = Float64Array.of(1, 2, 3);
    const y = resamplePoly(x, { up: 4, down: 4 });
    expect(y).toEqual(x);
    expect(y).not.toBe(x);
  });

  test("nothing stays nothing", () => {
    expect(resamplePoly(new Float64Array(0), { up: 2, down: 3 })).toHaveLength(0);
  });

  test("factors that are not integers are refused", () => {
    expect(() => resamplePoly(new Float64Array(3), { up: 0, down: 1 })).toThrow(/up/);
    expect(() => resamplePoly(new Float64Array(3), { up: 1, down: 1.5 })).toThrow(/down/);
  });
});

test("the Bessel function has its tabulated values", () => {
  // Abramowitz and Stegun, table 9.8 (e^x I0 there): I0(0) = 1, I0(1), I0(5).
  expect(besselI0(0)).toBe(1);
  expect(besselI0(1)).toBeCloseTo(1.2660658777520084, 14);
  expect(besselI0(5)).toBeCloseTo(27.239871823604442, 12);
});
