import { describe, expect, test } from "vitest";
import { backendNames, openNamed, reference } from "../../../test/support/backends.ts";
import { cosine, fan } from "../../../test/support/plane-atoms.ts";
import { normals } from "../../../test/support/random.ts";
import { dictionaryOf } from "../matching/dictionary.ts";
import { type BestOfPair, diversityOf, nearestWithin, stabilityOf } from "./stability.ts";

const pair = (a: number, b: number, bestOfA: number[], bestOfB: number[]): BestOfPair => ({
  a,
  b,
  measures: { bestOfA: Float32Array.from(bestOfA), bestOfB: Float32Array.from(bestOfB) },
});

/** Three SAEs of two, three and one latents. */
const PAIRS = [
  pair(0, 1, [0.5, 0.25], [0.5, 0.25, -0.5]),
  pair(0, 2, [0.125, 0.75], [0.75]),
  pair(1, 2, [-0.25, 1, -0.75], [1]),
];
const LATENTS = [2, 3, 1];

test("each atom takes its best cosine over all other SAEs, on whichever side it stood", () => {
  expect(stabilityOf(0, LATENTS, 3, PAIRS)!.relaxed.value).toBeCloseTo((0.5 + 0.75) / 2, 7);
  expect(stabilityOf(1, LATENTS, 3, PAIRS)!.relaxed.value).toBeCloseTo((0.5 + 1 - 0.5) / 3, 7);
  expect(stabilityOf(2, LATENTS, 3, PAIRS)!.relaxed.value).toBe(1);
});

test("overlap counts cosines above 0.6", () => {
  const pairs = [pair(0, 1, [0.59999, 0.61, 0.2, -1], [1])];
  expect(stabilityOf(0, [4, 1], 3, pairs)!.overlap.value).toBe(0.25);
});

test("the nulls are those of all other SAEs' atoms together", () => {
  // In three dimensions the largest of n uniform cosines has the mean (n − 1) / (n + 1).
  const found = stabilityOf(0, LATENTS, 3, PAIRS)!;
  expect(found.relaxed.null).toBeCloseTo(3 / 5, 4);
  expect(found.overlap.null).toBeCloseTo(1 - 0.8 ** 4, 8);
  expect(stabilityOf(2, LATENTS, 3, PAIRS)!.relaxed.null).toBeCloseTo(4 / 6, 4);
});

test("only latents that count are averaged, and the nulls stay", () => {
  const found = stabilityOf(1, LATENTS, 3, PAIRS, (latent) => latent !== 1)!;
  expect(found.relaxed.value).toBe(0);
  expect(found.relaxed.null).toBe(stabilityOf(1, LATENTS, 3, PAIRS)!.relaxed.null);
});

test("an SAE that was compared with none, or is dead, has no stability", () => {
  expect(stabilityOf(3, [...LATENTS, 4], 3, PAIRS)).toBeUndefined();
  expect(stabilityOf(0, LATENTS, 3, PAIRS, () => false)).toBeUndefined();
});

test("one latent has no interval, one dimension no null", () => {
  const found = stabilityOf(2, LATENTS, 1, PAIRS)!;
  expect(found.relaxed).toEqual({ value: 1, interval: undefined, null: undefined });
  expect(found.overlap.null).toBeUndefined();
});

test("an interval holds its mean and is the same at every call", () => {
  const best = Array.from(normals("best", 60, 0.3), (v) => Math.max(-1, Math.min(1, v)));
  const measure = () => stabilityOf(0, [60, 1], 8, [pair(0, 1, best, [1])])!;
  const { value, interval } = measure().relaxed;
  expect(interval![0]).toBeLessThan(value);
  expect(interval![1]).toBeGreaterThan(value);
  expect(measure()).toEqual(measure());
});

describe.each(backendNames)("on %s", (name) => {
  const backend = openNamed(name);

  test("the nearest atom of one's own dictionary is never oneself", async () => {
    const found = await nearestWithin(backend, await fan(0, 30, 100, 280));
    for (const [i, degrees] of [30, 30, 70, 80].entries())
      expect(found[i]).toBeCloseTo(cosine(degrees), 5);
  });

  test("twins are nearest to each other", async () => {
    const found = await nearestWithin(backend, await fan(40, 40, 130));
    expect(found[0]).toBeCloseTo(1, 5);
    expect(found[1]).toBeCloseTo(1, 5);
    expect(found[2]).toBeCloseTo(0, 5);
  });

  test("it is what a search over all pairs gives", async () => {
    const [n, d] = [50, 7];
    const atoms = await dictionaryOf(backend, normals("within", n * d), n, d);
    const found = await nearestWithin(backend, atoms);
    for (let i = 0; i < n; i++) {
      let best = -1;
      for (let j = 0; j < n; j++) {
        let dot = 0;
        for (let c = 0; c < d; c++) dot += atoms.unit[i * d + c]! * atoms.unit[j * d + c]!;
        if (j !== i) best = Math.max(best, dot);
      }
      expect(found[i]).toBeCloseTo(best, 5);
    }
  });
});

test("an atom alone has no neighbour, and no diversity null", async () => {
  expect(Array.from(await nearestWithin(reference, await fan(10)))).toEqual([-1]);
  expect(await nearestWithin(reference, await fan())).toHaveLength(0);
  const found = await diversityOf(reference, await fan(10), "alone");
  expect(found).toEqual({ atoms: 1, of: 1, null: undefined, interval: undefined });
});

test("diversity leaves out both of two near atoms", async () => {
  // Cosine 0.77 at 40°, 0.64 at 50°.
  const found = await diversityOf(reference, await fan(0, 40, 90, 180), "near");
  expect([found.atoms, found.of]).toEqual([2, 4]);
  // In the plane another atom comes within 0.7 with the chance acos(0.7) / π.
  expect(found.null).toBeCloseTo(4 * (1 - Math.acos(0.7) / Math.PI) ** 3, 6);
  expect(found.interval![0]).toBeGreaterThanOrEqual(0);
  expect(found.interval![1]).toBeLessThanOrEqual(4);
});
