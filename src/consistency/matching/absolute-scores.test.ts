import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../../backend/backend.ts";
import { type Dictionary, dictionaryOf } from "./dictionary.ts";
import { matchOneToOne } from "./one-to-one.ts";
import { scoredAssignment } from "./scored-assignment.ts";

const D = 5;

const drawn = (backend: Backend, name: string, count: number) =>
  dictionaryOf(backend, normals(name, count * D), count, D);

/** Mean |cosine| under the assignment in which it is largest. */
async function absoluteMcc(backend: Backend, a: Dictionary, b: Dictionary): Promise<number> {
  const cosines = await scoredAssignment(backend, a, b, "absolute");
  return cosines.reduce((sum, c) => sum + Math.abs(c), 0) / cosines.length;
}

/** The best mean over all ways to give each row of `a` a column of `b` of its own. */
function best(a: Float32Array, b: Float32Array): number {
  const [n, m] = [a.length / D, b.length / D];
  const cosine = (i: number, j: number) => {
    let sum = 0;
    for (let c = 0; c < D; c++) sum += a[i * D + c]! * b[j * D + c]!;
    return Math.abs(sum);
  };
  const from = (i: number, taken: ReadonlySet<number>): number => {
    if (i === n) return 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < m; j++)
      if (!taken.has(j)) most = Math.max(most, cosine(i, j) + from(i + 1, new Set([...taken, j])));
    return most;
  };
  return from(0, new Set()) / n;
}

describe.each([...backendNames])("matching by |cosine| on %s", (name) => {
  test.each([
    [4, 4],
    [3, 6],
    [6, 3],
    [1, 5],
  ])("%d atoms with %d: the best of all assignments", async (n, m) => {
    const backend = openNamed(name);
    for (let draw = 0; draw < 5; draw++) {
      const a = await drawn(backend, `a${draw}`, n);
      const b = await drawn(backend, `b${draw}`, m);
      const [few, many] = n <= m ? [a, b] : [b, a];
      expect(await absoluteMcc(backend, a, b)).toBeCloseTo(best(few.unit, many.unit), 5);
    }
  });

  test("an atom and its negative are one direction; with signs they are opposite", async () => {
    const backend = openNamed(name);
    const a = await drawn(backend, "a", 4);
    const turned = a.unit.map((v, i) => (Math.floor(i / D) % 2 === 0 ? -v : v));
    const b = await dictionaryOf(backend, turned, 4, D);
    expect(await absoluteMcc(backend, a, b)).toBeCloseTo(1, 5);
    expect((await matchOneToOne(backend, a, b)).mean).toBeLessThan(0.9);
  });

  test("is at least the mean with signs", async () => {
    const backend = openNamed(name);
    const [a, b] = [await drawn(backend, "a", 12), await drawn(backend, "b", 20)];
    const signed = (await matchOneToOne(backend, a, b)).mean;
    expect(await absoluteMcc(backend, a, b)).toBeGreaterThanOrEqual(signed - 1e-6);
  });
});

test("dictionaries of different spaces are refused", async () => {
  const backend = openNamed("reference");
  const a = await drawn(backend, "a", 2);
  const b = await dictionaryOf(backend, normals("b", 6), 2, 3);
  await expect(absoluteMcc(backend, a, b)).rejects.toMatchObject({ code: "shape/mismatch" });
});
