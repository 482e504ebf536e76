import { describe, expect, test } from "vitest";
import { backendNames, openNamed, reference } from "../../../../test/support/backends.ts";
import { openSyntheticSource } from "../synthetic-source.ts";

const D = 16;

const opened = (options: object = {}, backend = reference) =>
  openSyntheticSource(backend, {
    generator: "orbits",
    dIn: D,
    features: 6,
    seed: 5,
    heldOutRows: 48,
    ...options,
  });

type Opened = Awaited<ReturnType<typeof opened>>;

async function trainRows(source: Opened, rows: number): Promise<Float32Array> {
  const x = new Float32Array(rows * D);
  await source.train.next(x);
  return x;
}

/** M x, M the matrix of one element. */
function moved(matrices: Float32Array, k: number, x: Float32Array): number[] {
  return Array.from({ length: D }, (_, i) =>
    x.reduce((sum, value, j) => sum + matrices[(k * D + i) * D + j]! * value, 0),
  );
}

/** How far row k of each orbit is from what the matrices make of its first row. */
function worstMiss(x: Float32Array, matrices: Float32Array, size: number): number {
  let worst = 0;
  for (let row = 0; row < x.length / D; row++) {
    const first = row - (row % size);
    const expected = moved(matrices, row % size, x.subarray(first * D, (first + 1) * D));
    for (const [i, value] of expected.entries())
      worst = Math.max(worst, Math.abs(value - x[row * D + i]!));
  }
  return worst;
}

describe.each(backendNames)("on %s", (name) => {
  const backend = () => openNamed(name);

  test.each([
    ["c4", 4],
    ["c2", 2],
    ["d4", 8],
  ])("rows of %s are whole orbits under orthogonal matrices", async (group, size) => {
    const source = await opened({ group }, backend());
    const { matrices, size: poses, isExact } = source.symmetry!;
    expect([poses, isExact]).toEqual([size, true]);
    expect(worstMiss(await trainRows(source, 24), matrices, size)).toBeLessThan(1e-5);
    const held = new Float32Array(48 * D);
    await source.heldOut.read(0, held);
    expect(worstMiss(held, matrices, size)).toBeLessThan(1e-5);
    expect(moved(matrices, size - 1, Float32Array.of(1, ...new Array(D - 1).fill(0)))).toHaveLength(
      D,
    );
    for (let k = 0; k < size; k++)
      for (let i = 0; i < D; i++) {
        const row = matrices.subarray((k * D + i) * D, (k * D + i + 1) * D);
        expect(row.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(1, 5);
      }
  });

  test("any row can be the first of a call, whatever the number of threads", async () => {
    const whole = await trainRows(
      await opened({ representative: "random", noise: 0.1 }, backend()),
      40,
    );
    const source = await opened({ representative: "random", noise: 0.1 }, openNamed(name, 1));
    const parts = new Float32Array(40 * D);
    for (const [from, to] of [
      [0, 5],
      [5, 6],
      [6, 23],
      [23, 40],
    ] as const) {
      await source.train.seek({ row: from });
      await source.train.next(parts.subarray(from * D, to * D));
    }
    expect(parts).toEqual(whole);
  });
});

test("the group acts: M_g M_h = M_gh, and a quarter of the dimensions of c4 stays", async () => {
  const { symmetry } = await opened();
  const { matrices } = symmetry!;
  const x = Float32Array.from({ length: D }, (_, i) => Math.sin(i + 1));
  let turned = x;
  for (let i = 0; i < 3; i++) turned = Float32Array.from(moved(matrices, 1, turned));
  for (const [i, value] of moved(matrices, 3, x).entries())
    expect(turned[i]!).toBeCloseTo(value, 4);
  const trace = (k: number) =>
    Array.from({ length: D }, (_, i) => matrices[(k * D + i) * D + i]!).reduce((a, b) => a + b, 0);
  // Characters of the regular representation: d_in for the identity, 0 for all others.
  expect(trace(0)).toBe(D);
  for (const k of [1, 2, 3]) expect(trace(k)).toBeCloseTo(0, 4);
});

test("a fixed representative is Σ c_i d_i, and a random one is moved and kept", async () => {
  const fixed = await opened();
  const random = await opened({ representative: "random", trainRows: 40 });
  const [a, b] = [await trainRows(fixed, 40), await trainRows(random, 80)];
  const { matrices } = fixed.symmetry!;
  const poses = new Set<number>();
  for (let orbit = 0; orbit < 10; orbit++) {
    const canonical = a.subarray(4 * orbit * D, (4 * orbit + 1) * D);
    if (canonical.every((v) => v === 0)) continue;
    const first = b.subarray(4 * orbit * D, (4 * orbit + 1) * D);
    const misses = [0, 1, 2, 3].map((k) =>
      Math.max(...moved(matrices, k, canonical).map((v, i) => Math.abs(v - first[i]!))),
    );
    const pose = misses.findIndex((miss) => miss < 1e-5);
    expect(pose).not.toBe(-1);
    poses.add(pose);
  }
  expect(poses.size).toBeGreaterThan(1);
  expect(b.subarray(0, 40 * D)).toEqual(b.subarray(40 * D));
});

test("with poses: one, each row is of an orbit of its own, and held-out rows stay orbits", async () => {
  const source = await opened({ poses: "one", features: 1, active: 1 });
  expect(source.symmetry!.onlyHeldOut).toBe(true);
  const x = await trainRows(source, 12);
  const lengths = Array.from({ length: 12 }, (_, r) =>
    Math.hypot(...x.subarray(r * D, (r + 1) * D)).toFixed(6),
  );
  expect(new Set(lengths).size).toBe(12);
  const held = new Float32Array(8 * D);
  await source.heldOut.read(0, held);
  expect(worstMiss(held, source.symmetry!.matrices, 4)).toBeLessThan(1e-5);
});

test("a wrong action serves its own orbits, and the true ones are known apart", async () => {
  const source = await opened({ action: "wrong" });
  const { symmetry, orbits } = source;
  const x = await trainRows(source, 24);
  expect(worstMiss(x, symmetry!.matrices, 4)).toBeLessThan(1e-5);
  expect(worstMiss(x, orbits!.matrices, 4)).toBeGreaterThan(0.05);
  const held = new Float32Array(24 * D);
  await orbits!.heldOut.read(0, held);
  expect(worstMiss(held, orbits!.matrices, 4)).toBeLessThan(1e-5);
  expect(symmetry!.group).toBe("c4 (wrong action)");
});

test("fitted matrices are near the true ones, and say that they are not exact", async () => {
  // The reference backend takes seconds.
  const backend = openNamed(backendNames.at(1) ?? "reference");
  const source = await opened({ action: "fitted", features: 24, noise: 0.02 }, backend);
  const { symmetry, orbits } = source;
  expect(symmetry!.isExact).toBe(false);
  const { r2, closure } = source.provenance["actionFit"] as Record<string, Record<string, number>>;
  expect(Object.keys(r2!)).toEqual(["r", "r²", "r³"]);
  expect(Math.min(...Object.values(r2!))).toBeGreaterThan(0.9);
  expect(closure!["r"]).toBeLessThan(0.2);
  const misses = symmetry!.matrices.map((value, i) => Math.abs(value - orbits!.matrices[i]!));
  expect(Math.max(...misses.subarray(0, D * D))).toBe(0);
  expect(Math.max(...misses)).toBeLessThan(0.1);
  expect(Math.max(...misses)).toBeGreaterThan(1e-4);
  // Rows are the same, whatever is told of them.
  expect(await trainRows(source, 8)).toEqual(
    await trainRows(await opened({ features: 24, noise: 0.02 }, backend), 8),
  );
});

test("the features of held-out rows are those of their orbit", async () => {
  const source = await opened({ active: 2 });
  const { start, features, coefficients } = await source.featuresOfHeldOut!(
    Int32Array.from({ length: 8 }, (_, r) => r),
  );
  const of = (row: number) => [
    ...features.subarray(start[row], start[row + 1]),
    ...coefficients.subarray(start[row], start[row + 1]),
  ];
  for (let row = 0; row < 8; row++) expect(of(row)).toEqual(of(row - (row % 4)));
});

test.each([
  [{ dIn: 18 }, "a multiple of 4, the elements of c4 for source.d_in but received 18"],
  [{ group: "so3" }, '"so3" is not a group that is known.'],
  [{ heldOutRows: 50 }, "a multiple of 4, the rows of an orbit of c4 for source.held_out_rows"],
  [{ trainRows: 10 }, "a multiple of 4, the rows of an orbit of c4 for source.train_rows"],
  [{ groups: 2 }, "1 with generator orbits for source.groups"],
  [{ support: "per_batch_group" }, "for source.support"],
  [{ action: "wrong", poses: "one" }, "for source.poses"],
  [{ generator: "song", group: "c4" }, "nothing except with generator orbits for source.group"],
])("%o is refused", async (options, message) => {
  await expect(opened(options)).rejects.toThrow(message);
});
