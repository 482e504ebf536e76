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

test("of many settings, pairs within one come first", () => {
  const setting = (i: number) => i % 100;
  const { pairs, of } = pairsAmong(500, 3, 2048, setting);
  const within = pairs.filter(([i, j]) => setting(i) === setting(j));
  // 100 settings of 5 members, and of the rest what two rounds of all members leave.
  expect([within.length, of, distinct(pairs)]).toEqual([1000, 124_750, pairs.length]);
  expect(pairs.length).toBeGreaterThan(1900);
  expect(pairs.length).toBeLessThanOrEqual(2048);
});

test("of settings with too many pairs each is sampled, and every member takes part", () => {
  const setting = (i: number) => i % 2;
  const { pairs } = pairsAmong(400, 3, 2048, setting);
  const counts = new Int32Array(400);
  for (const [i, j] of pairs.filter(([a, b]) => setting(a) === setting(b))) {
    counts[i]!++;
    counts[j]!++;
  }
  expect(new Set(counts)).toEqual(new Set([10]));
  expect([pairs.length, distinct(pairs)]).toEqual([2000, 2000]);
});

test("others of the same setting come first", () => {
  const setting = (i: number) => i % 10;
  const { pairs } = pairsBetween(300, 20, 3, 2048, setting, setting);
  expect([pairs.length, distinct(pairs)]).toEqual([1800, 1800]);
  for (let i = 0; i < 300; i++) {
    const own = pairs.filter(([a, b]) => a === i && setting(b) === setting(i));
    expect(own).toHaveLength(2);
  }
});
