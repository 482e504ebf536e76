import { expect, test } from "vitest";
import { largestRandomCosine } from "../../../base/statistics/largest-random-cosine.ts";
import type { FolderComparison } from "../compare-folders.ts";
import { excessChart, meanMaxChart } from "./report-ratios.ts";

const D = 512;

/** SAEs of these widths in 512 dimensions, every pair exactly at its null. */
function atTheNull(widths: readonly number[]): FolderComparison {
  const pairs = widths.flatMap((n, a) =>
    widths.slice(a + 1).map((m, i) => ({
      a,
      b: a + 1 + i,
      measures: { meanMax: [largestRandomCosine(D, m), largestRandomCosine(D, n)] },
    })),
  );
  return { saes: widths.map((dSae) => ({ dSae, dIn: D })), pairs } as never;
}

const textOf = (figure: unknown) => JSON.stringify(figure);

test("the null of ratio plots is drawn as a curve, and said in words", () => {
  const text = textOf(meanMaxChart(atTheNull([512, 4096, 32768])));
  expect(text).toMatch(/data-mark=\\?"line\\?"[^>]*--fig-null/);
  // The drawn means of 300 rows are 0.133 and 0.181.
  const [, low, high] = /Random atoms give (0\.\d+) to (0\.\d+) over/.exec(text)!;
  expect(Math.abs(Number(low) - 0.133)).toBeLessThan(0.002);
  expect(Math.abs(Number(high) - 0.181)).toBeLessThan(0.002);
  expect(text).toContain("512 latents");
  expect(text).toContain("32768 latents");
});

test("what is at the null everywhere has no excess at any width", () => {
  const text = textOf(excessChart(atTheNull([512, 4096, 32768])));
  // All marks are at one height, that of 0.
  const heights = new Set([...text.matchAll(/cy=\\"([\d.]+)\\"/g)].map(([, y]) => y));
  expect(heights.size).toBe(1);
});

test("SAEs of one width have no ratio to plot", () => {
  expect(meanMaxChart(atTheNull([512, 512]))).toBeUndefined();
  expect(excessChart(atTheNull([512, 512]))).toBeUndefined();
});
