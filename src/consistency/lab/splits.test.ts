import { expect, test } from "vitest";
import { splitsOf } from "./splits.ts";

const wide = (nearest: number[], cosine: number[]) => ({
  nearest: Int32Array.from(nearest),
  cosine: Float32Array.from(cosine),
});

test("latents are gathered by parent, nearest child first, largest family first", () => {
  const found = splitsOf(
    wide([1, 0, 1, 1, 0, 2], [0.75, 0.9, 0.95, 0.8, 0.92, 0.99]),
    { latents: 4, d: 8 },
    0.7,
  );
  expect(found.list.map(({ parent, children }) => [parent, children.map((c) => c.latent)])).toEqual(
    [
      [1, [2, 3, 0]],
      [0, [4, 1]],
    ],
  );
  // Latent 3 has no child, latent 2 has one: neither is split.
  expect(found.byChildren).toEqual([1, 1, 1, 1, 0, 0]);
  expect(found.orphans).toBe(0);
});

test("a cosine of exactly τ makes a child, the next smaller number an orphan", () => {
  const found = splitsOf(wide([0, 0], [0.75, 0.7499999]), { latents: 1, d: 3 }, 0.75);
  expect(found.orphans).toBe(1);
  expect(found.byChildren).toEqual([0, 1, 0, 0, 0, 0]);
  expect(found.list).toEqual([]);
});

test("parents with five children or more are counted together", () => {
  const nearest = [...new Array<number>(5).fill(0), ...new Array<number>(8).fill(1)];
  const cosine = new Array<number>(13).fill(1);
  const found = splitsOf(wide(nearest, cosine), { latents: 2, d: 3 }, 0.5);
  expect(found.byChildren).toEqual([0, 0, 0, 0, 0, 2]);
  expect(found.list.map(({ children }) => children.length)).toEqual([8, 5]);
});

test("every latent of both SAEs is counted once", () => {
  const nearest = Array.from({ length: 60 }, (_, i) => (i * 7) % 11);
  const cosine = nearest.map((_, i) => (i % 10) / 10);
  const found = splitsOf(wide(nearest, cosine), { latents: 11, d: 5 }, 0.5);
  expect(found.byChildren.reduce((sum, n) => sum + n, 0)).toBe(11);
  const inFamilies = found.list.reduce((sum, { children }) => sum + children.length, 0);
  expect(found.orphans + inFamilies + found.byChildren[1]!).toBe(60);
});

test("the null in three dimensions, worked out by hand", () => {
  // A random cosine there is uniform on [−1, 1]: it reaches 0.5 with chance 1/4.
  const found = splitsOf(wide([0, 0], [0, 0]), { latents: 1, d: 3 }, 0.5);
  expect(found.orphansNull).toBeCloseTo(2 * 0.75, 10);
  const binomial = [0.75 ** 2, 2 * 0.75 * 0.25, 0.25 ** 2, 0, 0, 0];
  for (const [k, chance] of binomial.entries())
    expect(found.byChildrenNull![k]).toBeCloseTo(chance, 10);
});

test("the null counts every parent, and its children are all that are not orphans", () => {
  const narrow = { latents: 400, d: 6 };
  const zeros = new Array<number>(10).fill(0);
  const found = splitsOf(wide(zeros, zeros), narrow, 0.6);
  const parents = found.byChildrenNull!;
  expect(parents.reduce((sum, n) => sum + n, 0)).toBeCloseTo(400, 8);
  const children = parents.reduce((sum, n, k) => sum + k * n, 0);
  expect(children).toBeCloseTo(10 - found.orphansNull!, 3);
});

test("one dimension has counts but no null, because only two directions exist", () => {
  const found = splitsOf(wide([0, 0], [1, -1]), { latents: 1, d: 1 }, 0.5);
  expect(found.byChildrenNull).toBeUndefined();
  expect(found.orphansNull).toBeUndefined();
  expect([found.orphans, found.byChildren[1]]).toEqual([1, 1]);
});

test("a wide SAE without latents leaves every parent childless", () => {
  const found = splitsOf(wide([], []), { latents: 3, d: 4 }, 0.5);
  expect(found.byChildren).toEqual([3, 0, 0, 0, 0, 0]);
  expect(found.byChildrenNull![0]).toBeCloseTo(3, 10);
  expect([found.orphans, found.orphansNull]).toEqual([0, 0]);
});
