import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import type { Backend } from "../backend/backend.ts";
import { comparePair, comparePopulation } from "./compare-dictionaries.ts";
import { dictionaryOf } from "./matching/dictionary.ts";
import { NullModels, nullSimilarity } from "./null-model.ts";

const of = (backend: Backend, rows: readonly (readonly number[])[]) =>
  dictionaryOf(backend, Float32Array.from(rows.flat()), rows.length, rows[0]!.length);

describe.each([...backendNames].filter((n) => !n.includes("portable")))("on %s", (name) => {
  test("two dictionaries worked by hand", async () => {
    const backend = openNamed(name);
    const a = await of(backend, [
      [1, 0, 0],
      [0, 2, 0],
    ]);
    // Cosines to a's atoms: (0.6, 0.8), (0, 1), (−1, 0).
    const b = await of(backend, [
      [3, 4, 0],
      [0, 1, 0],
      [-1, 0, 0],
    ]);
    const s = await comparePair(backend, a, b);
    // One to one: 1 with the first and 2 with the second. Nearest: the same; for b's atoms the
    // second twice, and the third prefers the orthogonal one to its opposite.
    expect(s.mcc).toBeCloseTo((0.6 + 1) / 2, 6);
    expect(s.meanMaxAtoB).toBeCloseTo((0.6 + 1) / 2, 6);
    expect(s.meanMaxBtoA).toBeCloseTo((0.8 + 1 + 0) / 3, 6);
    expect(s.shared).toBe(0.5);
    expect([...s.bestOfB].map((c) => Math.round(10 * c) / 10)).toEqual([0.8, 1, 0]);
    expect((await comparePair(backend, b, a)).mcc).toBeCloseTo(s.mcc, 6);
  });

  test("a population: PW-MCC is the mean over its pairs, and every atom knows its nearest outside", async () => {
    const backend = openNamed(name);
    const members = await Promise.all(
      ["a", "b", "c"].map((m) => dictionaryOf(backend, normals(m, 40 * 12), 40, 12)),
    );
    const { pairs, pwMcc, bestInOthers } = await comparePopulation(backend, members);
    expect(pairs.map(({ i, j }) => [i, j])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    const mean = pairs.reduce((sum, p) => sum + p.similarity.mcc, 0) / 3;
    expect(pwMcc!.mean).toBeCloseTo(mean, 12);
    expect(pwMcc!.null).toBeCloseTo(pairs[0]!.similarity.null.mcc, 12);
    const [first, second] = [pairs[0]!.similarity, pairs[1]!.similarity];
    first.bestOfA.forEach((best, f) => {
      expect(bestInOthers[0]![f]).toBe(Math.max(best, second.bestOfA[f]!));
    });
    expect((await comparePopulation(backend, members.slice(0, 1))).pwMcc).toBeUndefined();
  });

  test("the null is what unrelated dictionaries show, and no other one", async () => {
    const backend = openNamed(name);
    const [a, b] = [
      await dictionaryOf(backend, normals("one", 200 * 24), 200, 24),
      await dictionaryOf(backend, normals("other", 90 * 24), 90, 24),
    ];
    const s = await comparePair(backend, a, b);
    expect(Math.abs(s.mcc - s.null.mcc)).toBeLessThan(0.02);
    expect(Math.abs(s.meanMaxAtoB - s.null.meanMaxAtoB)).toBeLessThan(0.02);
    expect(Math.abs(s.meanMaxBtoA - s.null.meanMaxBtoA)).toBeLessThan(0.02);
    expect(Math.abs(s.shared - s.null.shared)).toBeLessThan(0.1);
    // More atoms to choose from, a nearer nearest; and the same numbers on every call.
    expect(s.null.meanMaxBtoA).toBeGreaterThan(s.null.meanMaxAtoB);
    expect(await nullSimilarity(backend, { n: 200, m: 90, d: 24 })).toEqual(s.null);
    const nulls = new NullModels(backend);
    expect(nulls.similarity(200, 90, 24)).toBe(nulls.similarity(200, 90, 24));
  });
});

test("in two dimensions unrelated dictionaries share most of their atoms, which their null says", async () => {
  const { shared, mcc } = await nullSimilarity(openNamed("reference"), { n: 60, m: 60, d: 2 });
  expect(mcc).toBeGreaterThan(0.9);
  expect(shared).toBeGreaterThan(0.9);
});
