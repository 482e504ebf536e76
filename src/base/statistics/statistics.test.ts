import { describe, expect, test } from "vitest";
import { incompleteBeta, logGamma } from "./incomplete-beta.ts";
import { chanceOfRandomCosine, largestRandomCosine } from "./largest-random-cosine.ts";
import { linearFit } from "./linear-fit.ts";
import { meanInterval } from "./mean-interval.ts";
import { spearman } from "./spearman.ts";
import { studentTQuantile } from "./student-t.ts";

// The expected values are SciPy 1.17.1's: stats.t.ppf, special.betainc, integrate.quad,
// stats.linregress, stats.t.interval.

function expectRelative(received: number, wanted: number, tolerance: number): void {
  expect(Math.abs(received - wanted) / Math.abs(wanted)).toBeLessThan(tolerance);
}

test.each([
  [0.975, 1, 12.706204736174694],
  [0.975, 2, 4.302652729749462],
  [0.975, 3, 3.1824463052837078],
  [0.975, 4, 2.7764451051977934],
  [0.975, 9, 2.262157162798205],
  [0.975, 29, 2.045229642132703],
  [0.975, 1000, 1.9623390808264083],
  [0.9, 5, 1.4758840488244815],
  [0.995, 2.5, 7.163728138948783],
  [0.025, 7, -2.3646242515927844],
])("Student's t at probability %d with %d degrees of freedom is SciPy's", (p, df, t) => {
  expectRelative(studentTQuantile(p, df), t, 1e-9);
});

test("Student's t refuses probabilities and degrees of freedom that there are not", () => {
  expect(studentTQuantile(0.5, 3)).toBe(0);
  expect(() => studentTQuantile(1, 3)).toThrow("a probability between 0 and 1 for p");
  expect(() => studentTQuantile(0.9, 0)).toThrow("positive degrees of freedom");
});

test.each([
  [0.1, 0.5, 0.5, 0.20483276469913345],
  [0.5, 31.5, 31.5, 0.5],
  [0.55, 383.5, 383.5, 0.9972444420909861],
  [0.02, 2, 30, 0.12722508898810042],
  [0.9, 100, 0.5, 4.54525490451703e-6],
  [0.501, 2047.5, 2047.5, 0.5509162895193233],
  [1e-6, 0.5, 3, 0.0018749987500003749],
])("the incomplete beta function at %d (%d, %d) is SciPy's", (x, a, b, value) => {
  expectRelative(incompleteBeta(x, a, b), value, 1e-10);
});

test("the incomplete beta function is 0 and 1 at its ends, and refuses what lies outside", () => {
  expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
  expect(() => incompleteBeta(1.1, 2, 3)).toThrow("from 0 to 1");
  expect(() => incompleteBeta(0.5, 0, 3)).toThrow("positive number for a");
  expect(() => incompleteBeta(0.5, 1, Number.NaN)).toThrow("positive number for b");
  // Γ(5) = 24, Γ(1/2)² = π.
  expect(logGamma(5)).toBeCloseTo(Math.log(24), 12);
  expect(2 * logGamma(0.5)).toBeCloseTo(Math.log(Math.PI), 12);
  expect(logGamma(0.1)).toBeCloseTo(2.252712651734206, 10);
});

describe("the largest of many random cosines", () => {
  test.each([
    [2, 1, 0],
    [3, 10, 0.8181818181818181],
    [64, 128, 0.3188771952637208],
    [64, 384, 0.3605365740145434],
    [768, 24576, 0.14610705490887554],
    [4096, 200000, 0.07075654486810723],
  ])("in %d dimensions of %d is the integral's", (d, count, value) => {
    expect(Math.abs(largestRandomCosine(d, count) - value)).toBeLessThan(1e-5);
  });

  test("grows with their number", () => {
    expect(largestRandomCosine(64, 512)).toBeGreaterThan(largestRandomCosine(64, 128));
    expect(() => largestRandomCosine(1, 3)).toThrow("at least 2 dimensions");
    expect(() => largestRandomCosine(3, 0)).toThrow("at least 1 direction");
  });
});

test("the mean over seeds comes with Student's interval", () => {
  const { mean, low, high, n } = meanInterval([0.051, 0.049, 0.055])!;
  expect(mean).toBeCloseTo(0.051666666666666666, 14);
  expect(low).toBeCloseTo(0.04407750059947315, 12);
  expect(high).toBeCloseTo(0.05925583273386018, 12);
  expect(n).toBe(3);
});

test("one value has no interval, and a missing one no mean", () => {
  expect(meanInterval([0.5])).toEqual({ mean: 0.5, n: 1 });
  expect(meanInterval([])).toBeUndefined();
  expect(meanInterval([0.5, Number.NaN])).toBeUndefined();
});

test("the least-squares line is SciPy's", () => {
  const fit = linearFit([0.1, 0.4, 0.5, Number.NaN, 0.9, 0.3], [0.2, 0.35, 0.6, 1, 0.8, 0.1])!;
  expect(fit.slope).toBeCloseTo(0.875, 12);
  expect(fit.intercept).toBeCloseTo(0.025, 12);
  expect(fit.correlation).toBeCloseTo(0.90097002611175, 12);
  expect(fit.n).toBe(5);
});

test("points without spread have no line, or no correlation", () => {
  expect(linearFit([1, 1], [1, 2])).toBeUndefined();
  expect(linearFit([1], [2])).toBeUndefined();
  expect(linearFit([1, 2, 3], [4, 4, 4])).toEqual({
    slope: 0,
    intercept: 4,
    correlation: undefined,
    n: 3,
  });
});

test("the null of ratio plots grows with the number of atoms", () => {
  // Means of 300 drawn rows: the means scatter by about 0.001.
  const curve = (d: number, points: readonly (readonly [atoms: number, cosine: number])[]) => {
    for (const [atoms, cosine] of points)
      expect(Math.abs(largestRandomCosine(d, atoms) - cosine)).toBeLessThan(0.002);
  };
  curve(512, [
    [512, 0.133],
    [1024, 0.143],
    [2048, 0.152],
    [4096, 0.16],
    [8192, 0.167],
    [16384, 0.175],
    [32768, 0.181],
  ]);
  curve(768, [
    [768, 0.115],
    [3072, 0.127],
    [16128, 0.143],
    [3 * 16128, 0.15],
  ]);
});

test("the chance that a random cosine reaches a threshold", () => {
  // In two dimensions, the angle is uniform.
  expect(chanceOfRandomCosine(2, 1, Math.cos(Math.PI / 4))).toBeCloseTo(0.25, 10);
  expect(chanceOfRandomCosine(2, 3, 0)).toBeCloseTo(1 - 0.5 ** 3, 10);
  expect(chanceOfRandomCosine(64, 1000, -1)).toBe(1);
  expect(chanceOfRandomCosine(64, 1000, 1)).toBe(0);
  expect(chanceOfRandomCosine(512, 16384, 0.6)).toBeLessThan(1e-20);
  expect(() => chanceOfRandomCosine(1, 1, 0.5)).toThrow("at least 2 dimensions");
});

test("ranks correlate, and equal values share theirs", () => {
  const list = (...values: number[]) => Float32Array.from(values);
  expect(spearman(list(1, 2, 3, 4), list(1, 10, 100, 1000))).toBeCloseTo(1, 12);
  // scipy.stats.spearmanr([1, 2, 2, 3], [4, 1, 3, 2])
  expect(spearman(list(1, 2, 2, 3), list(4, 1, 3, 2))).toBeCloseTo(-0.632455532033676, 12);
  expect(spearman(list(1, 1), list(1, 2))).toBeNaN();
});
