import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { dictionaryOf } from "../consistency/matching/dictionary.ts";
import { type KnownPair, matchPairs } from "./partners.ts";

const dictionary = (name: string, dSae = 8) =>
  dictionaryOf(reference, madeSae(name, { dSae }).decoder, dSae, 6);

const options = {
  seed: 1,
  settings: [] as string[],
  known: [] as KnownPair[],
  onCompared: () => {},
  pause: async () => {},
};

test("every pair is matched one to one, next to random atoms of the same shapes", async () => {
  const all = [await dictionary("a"), await dictionary("b", 3), await dictionary("a")];
  const told: number[] = [];
  const onCompared = (done: number, of: number) => told.push(done, of);
  const pairs = await matchPairs(reference, all, { ...options, onCompared });
  expect(pairs.map(({ a, b }) => [a, b])).toEqual([
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  expect(told).toEqual([1, 3, 2, 3, 3, 3]);
  expect([...pairs[1]!.partnerOfA]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(pairs[0]!.partnerOfA.filter((j) => j >= 0)).toHaveLength(3);
  for (const { nullCosine, nullShared, measures } of pairs) {
    expect(nullCosine).toBeGreaterThan(0);
    expect(nullCosine).toBeLessThan(1);
    expect(nullShared).toBeGreaterThanOrEqual(0);
    expect(measures.decoderMatching.mean).toBeLessThanOrEqual(1 + 1e-6);
  }
});

test("what was matched before is not matched again", async () => {
  const all = [await dictionary("a"), await dictionary("b")];
  const partnerOfA = Int32Array.of(7, 6, 5, 4, 3, 2, 1, 0);
  const matchedOfA = new Float32Array(8).fill(0.25);
  const known = [{ i: 0, j: 1, similarity: { mcc: 0.25, partnerOfA, matchedOfA } }];
  const [pair] = await matchPairs(reference, all, { ...options, known });
  expect(pair!.partnerOfA).toBe(partnerOfA);
  expect(pair!.measures.decoderMatching).toEqual({
    partnerOfA,
    cosine: matchedOfA,
    mean: 0.25,
    pairs: 8,
  });
});

test("of many SAEs a sample of pairs is matched, each with some and none with itself", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => dictionary(`${i}`, 2)));
  const pairs = await matchPairs(reference, all, options);
  expect(pairs.length).toBeLessThanOrEqual(120);
  const of = all.map((_, i) => pairs.filter(({ a, b }) => a === i || b === i).length);
  expect(Math.min(...of)).toBeGreaterThan(0);
  expect(pairs.every(({ a, b }) => a < b)).toBe(true);
});
