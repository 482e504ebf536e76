import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { rowsOf, subDictionary } from "./atom-rows.ts";
import { atomsOf } from "./atoms.ts";

const DICTIONARY = { unit: Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1), count: 4, d: 2 };

describe.each(backendNames)("on %s", (name) => {
  const backend = openNamed(name);

  test("atoms come in the order in which they are named, also twice", async () => {
    const { matrix, count, d } = await rowsOf(backend, DICTIONARY, Int32Array.of(3, 0, 3));
    expect([count, d]).toEqual([3, 2]);
    expect(Array.from(matrix)).toEqual([0, -1, 1, 0, 0, -1]);
  });

  test("no atoms are a matrix without rows", async () => {
    const { matrix, count, d } = await rowsOf(backend, DICTIONARY, new Int32Array(0));
    expect([matrix.length, count, d]).toEqual([0, 0, 2]);
  });

  test("the rows are a copy: what changes them leaves the dictionary", async () => {
    const sub = await subDictionary(backend, DICTIONARY, Int32Array.of(1));
    sub.unit.fill(7);
    expect(Array.from(DICTIONARY.unit)).toEqual([1, 0, 0, 1, -1, 0, 0, -1]);
    expect(sub).toMatchObject({ count: 1, d: 2 });
  });

  test("alignment is the cosine of each latent's two directions, whatever their length", async () => {
    const encoder = Float32Array.of(2, 0, 0, 3, -4, 0, 0, 0);
    const decoder = Float32Array.of(5, 0, 1, 1, 0.5, 0, 1, 0);
    const atoms = await atomsOf(backend, { encoder, decoder, dSae: 4, dIn: 2 });
    for (const [i, wanted] of [1, Math.SQRT1_2, -1, 0].entries())
      expect(atoms.alignment[i]).toBeCloseTo(wanted, 6);
    // A latent without an encoder keeps its row of zeros.
    expect(Array.from(atoms.encoder.unit.subarray(6))).toEqual([0, 0]);
    expect(Array.from(encoder)).toEqual([2, 0, 0, 3, -4, 0, 0, 0]);
  });
});
