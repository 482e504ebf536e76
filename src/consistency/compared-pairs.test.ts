import { expect, test } from "vitest";
import { pairsAmong, pairsBetween } from "./compared-pairs.ts";

const distinct = (pairs: readonly (readonly [number, number])[]) =>
  new Set(pairs.map(([i, j]) => `${i} ${j}`)).size;

test("few are all compared", () => {
  expect(pairsAmong(1, 0)).toEqual({ pairs: [], of: 0 });
  const among = pairsAmong(64, 0);
  expect([among.pairs.length, among.of, distinct(among.pairs)]).toEqual([2016, 2016, 2016]);
  expect(pairsBetween(2, 3, 0).pairs).toEqual([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]); // biome-ignore format: one line
  expect(pairsBetween(3, 0, 0)).toEqual({ pairs: [], of: 0 });
});

test.each([65, 150, 500, 3000])("of %d members each takes part equally often", (n) => {
  const { pairs, of } = pairsAmong(n, 7);
  expect(of).toBe((n * (n - 1)) / 2);
  const times = Math.max(1, Math.floor(2048 / n));
  expect([pairs.length, distinct(pairs)]).toEqual([n * times, n * times]);
  const counts = new Int32Array(n);
  for (const [i, j] of pairs) {
    expect(i).toBeLessThan(j);
    counts[i]!++;
    counts[j]!++;
  }
  expect(new Set(counts)).toEqual(new Set([2 * times]));
});

test("the seed alone decides, and every pair is as likely as any other", () => {
  expect(pairsAmong(100, 1)).toEqual(pairsAmong(100, 1));
  expect(pairsAmong(100, 1).pairs).not.toEqual(pairsAmong(100, 2).pairs);
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 2000; seed++)
    for (const [i, j] of pairsAmong(8, seed, 8).pairs)
      counts.set(`${i} ${j}`, (counts.get(`${i} ${j}`) ?? 0) + 1);
  expect(counts.size).toBe(28);
  // 2000 · 8 / 28 = 571, with a standard deviation of 20.
  for (const count of counts.values()) expect(Math.abs(count - 571)).toBeLessThan(100);
});

test.each([
  [250, 250],
  [3000, 5],
  [5, 3000],
])("%d with %d others", (n, m) => {
  const { pairs, of } = pairsBetween(n, m, 0);
  const each = Math.max(1, Math.floor(2048 / n));
  expect([of, pairs.length, distinct(pairs)]).toEqual([n * m, n * each, n * each]);
  const counts = new Int32Array(m);
  for (const [, j] of pairs) counts[j]!++;
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});
