import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { dictionaryOf } from "./dictionary.ts";
import { matchOneToOne } from "./one-to-one.ts";
import { scoredAssignment } from "./scored-assignment.ts";

const dictionary = (name: string, count: number, d = 12) =>
  dictionaryOf(reference, normals(name, count * d), count, d);

const total = (values: Float32Array, of: (cosine: number) => number) =>
  values.reduce((sum, c) => sum + of(c), 0);

test.each(["absolute", "distance"] as const)(
  "of %s scores, blocks of rows give the solution of the whole matrix",
  async (score) => {
    for (const [n, m] of [
      [60, 60],
      [50, 90],
      [90, 50],
    ] as const) {
      const [a, b] = [await dictionary("a", n), await dictionary("b", m)];
      const whole = await scoredAssignment(reference, a, b, score);
      const inBlocks = await scoredAssignment(reference, a, b, score, { wholeUpTo: 0 });
      expect(whole).toHaveLength(Math.min(n, m));
      expect(Array.from(inBlocks)).toEqual(Array.from(whole));
    }
  },
);

test("an atom and its negative are one direction by size, and the farthest by distance", async () => {
  const a = await dictionary("a", 40);
  const b = { ...a, unit: a.unit.map((x) => -x) };
  const bySize = await scoredAssignment(reference, a, b, "absolute");
  expect(total(bySize, Math.abs) / 40).toBeCloseTo(1, 5);
  const byDistance = await scoredAssignment(reference, a, b, "distance");
  expect(total(byDistance, (c) => c) / 40).toBeLessThan(0.7);
});

test("summed distances are smaller than under the assignment by cosine, summed cosines too", async () => {
  const [a, b] = [await dictionary("a", 60), await dictionary("b", 60)];
  const byCosine = (await matchOneToOne(reference, a, b)).cosine;
  const byDistance = await scoredAssignment(reference, a, b, "distance");
  const distance = (c: number) => Math.sqrt(2 - 2 * c);
  expect(total(byDistance, distance)).toBeLessThanOrEqual(total(byCosine, distance));
  expect(total(byDistance, (c) => c)).toBeLessThanOrEqual(total(byCosine, (c) => c));
});
