import { expect, test } from "vitest";
import { nativeIsas, openNative, reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { kMeans } from "./k-means.ts";

const D = 8;

test("the seed decides, and the number of threads does not", async () => {
  const isa = nativeIsas[0];
  if (isa === undefined) return;
  const x = normals("rows", 1500 * D);
  const found = async (threads: number, seed: number) =>
    kMeans(openNative(isa, threads), { x, d: D, count: 100, seed });
  const [one, two, other] = [await found(1, 3), await found(2, 3), await found(2, 4)];
  expect(two.centres).toEqual(one.centres);
  expect(two.nearest).toEqual(one.nearest);
  expect(other.centres).not.toEqual(one.centres);
});

test("as many centres as rows are the rows", async () => {
  const x = normals("few", 20 * D);
  const { centres, inertia, nearest } = await kMeans(reference, { x, d: D, count: 20, seed: 0 });
  expect(inertia).toBeLessThan(1e-9);
  expect(new Set(nearest).size).toBe(20);
  for (let i = 0; i < 20; i++)
    for (let j = 0; j < D; j++) expect(centres[nearest[i]! * D + j]).toBeCloseTo(x[i * D + j]!, 5);
});

test("fewer rows than centroids are refused in a line", async () => {
  const x = normals("few", 20 * D);
  await expect(kMeans(reference, { x, d: D, count: 21, seed: 0 })).rejects.toThrow(
    "k-means: 21 centroids need as many rows, but there are 20.",
  );
});

test("fewer different rows than centroids are refused in a line", async () => {
  const x = normals("few", 20 * D).map((_, at, all) => all[at % (5 * D)]! + 3);
  const five = await kMeans(reference, { x, d: D, count: 5, seed: 0 });
  expect(five.inertia).toBeLessThan(1e-9);
  await expect(kMeans(reference, { x, d: D, count: 6, seed: 0 })).rejects.toThrow(
    "6 centroids need as many different rows, but only 5 of the 20 rows differ.",
  );
});
