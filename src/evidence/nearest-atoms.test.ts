import { describe, expect, test } from "vitest";
import { nativeIsas, openNamed } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { dictionaryOf } from "../consistency/matching/dictionary.ts";
import { nearestAtoms } from "./nearest-atoms.ts";

describe.each(["reference", ...nativeIsas.slice(0, 1)])("on %s", (name) => {
  test.each([
    [300, 7],
    [40, 3],
    [9, 5],
    [2, 4],
    [1, 4],
  ])(
    "of %d atoms in %d dimensions, the nearest others are those of all cosines",
    async (count, d) => {
      const backend = openNamed(name);
      const rows = normals("atoms", count * d);
      // Two equal atoms, and one without length.
      if (count > 5) {
        rows.copyWithin(0, 3 * d, 4 * d);
        rows.fill(0, d, 2 * d);
      }
      const atoms = await dictionaryOf(backend, rows, count, d);
      const cosine = (i: number, j: number) => {
        let sum = 0;
        for (let c = 0; c < d; c++) sum += atoms.unit[i * d + c]! * atoms.unit[j * d + c]!;
        return sum;
      };
      const { k, atoms: nearest, cosines } = await nearestAtoms(backend, atoms, 8);
      expect(k).toBe(8);
      for (let i = 0; i < count; i++) {
        const others = Array.from({ length: count }, (_, j) => j).filter((j) => j !== i);
        const best = others.map((j) => cosine(i, j)).sort((a, b) => b - a);
        const found = Array.from(nearest.subarray(i * 8, i * 8 + 8)).filter((j) => j >= 0);
        expect(found).toHaveLength(Math.min(8, count - 1));
        expect(new Set(found).size).toBe(found.length);
        expect(found).not.toContain(i);
        for (const [at, j] of found.entries()) {
          expect(cosine(i, j)).toBeCloseTo(best[at]!, 5);
          expect(cosines[i * 8 + at]).toBeCloseTo(best[at]!, 5);
        }
      }
      if (count > 5) expect([nearest[0], nearest[3 * 8]]).toEqual([3, 0]);
    },
  );
});
