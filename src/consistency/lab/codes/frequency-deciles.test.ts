import { expect, test } from "vitest";
import { codeOf } from "../../../../test/support/code-of.ts";
import { frequencyDeciles } from "./frequency-deciles.ts";
import { KeptCodes } from "./kept-codes.ts";

const ROWS = 40;

/** Codes in which latent i is active in the first counts[i] of 40 rows. */
function firing(counts: readonly number[]): KeptCodes {
  const dense = new Float32Array(ROWS * counts.length);
  for (const [latent, count] of counts.entries())
    for (let r = 0; r < count; r++) dense[r * counts.length + latent] = 1;
  const codes = new KeptCodes(counts.length);
  codes.append(codeOf(dense, counts.length));
  return codes;
}

const own = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

test("ten pairs are ten groups, from the rarest to the most frequent", () => {
  const counts = [9, 3, 1, 10, 2, 8, 4, 6, 5, 7];
  const codes = firing(counts);
  const correlation = Float32Array.from(counts, (n) => n / 16);
  const deciles = frequencyDeciles(codes, codes, { partnerOfA: own(10), correlation });
  expect(deciles.map(({ pairs }) => pairs)).toEqual(new Array(10).fill(1));
  for (const [g, { density, correlation }] of deciles.entries()) {
    expect(density).toBeCloseTo((g + 1) / ROWS, 12);
    expect(correlation).toBeCloseTo((g + 1) / 16, 12);
  }
});

test("the density of a pair is the mean of its two latents", () => {
  const a = firing(new Array(10).fill(4));
  const b = firing(new Array(10).fill(12));
  const matched = { partnerOfA: own(10), correlation: new Float32Array(10) };
  for (const { density } of frequencyDeciles(a, b, matched)) expect(density).toBeCloseTo(0.2, 12);
});

test("pairs that ten does not divide go by floor(10 p / n): groups differ by one at most", () => {
  const counts = Array.from({ length: 23 }, (_, i) => i + 1);
  const codes = firing(counts);
  const matched = { partnerOfA: own(23), correlation: new Float32Array(23) };
  const sizes = frequencyDeciles(codes, codes, matched).map(({ pairs }) => pairs);
  expect(sizes).toEqual([3, 2, 2, 3, 2, 2, 3, 2, 2, 2]);
});

test("latents without a partner are in no group, and nine pairs make none", () => {
  const codes = firing(new Array(12).fill(5));
  const partnerOfA = own(12);
  partnerOfA[0] = -1;
  partnerOfA[7] = -1;
  const correlation = new Float32Array(12).fill(1);
  const deciles = frequencyDeciles(codes, codes, { partnerOfA, correlation });
  expect(deciles.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(10);
  partnerOfA[3] = -1;
  expect(frequencyDeciles(codes, codes, { partnerOfA, correlation })).toEqual([]);
});

test("pairs that fire equally often are ordered by the latent of a", () => {
  const codes = firing(new Array(10).fill(5));
  const correlation = Float32Array.from({ length: 10 }, (_, i) => i / 16);
  const deciles = frequencyDeciles(codes, codes, { partnerOfA: own(10).reverse(), correlation });
  expect(deciles.map((decile) => decile.correlation)).toEqual(Array.from(correlation));
});
