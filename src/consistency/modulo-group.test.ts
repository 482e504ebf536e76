import { expect, test } from "vitest";
import { backendNames, openNamed, reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import type { Backend } from "../backend/backend.ts";
import { dictionaryOf } from "./matching/dictionary.ts";
import { matchOneToOne } from "./matching/one-to-one.ts";
import { posedAtoms } from "./matching/posed-atoms.ts";
import { scoredAssignment } from "./matching/scored-assignment.ts";
import { ModuloGroup, mccModulo } from "./modulo-group.ts";

/** The action of c4 that permutes four blocks of coordinates in a ring. */
function ringShift(d: number) {
  const matrices = new Float32Array(4 * d * d);
  for (let k = 0; k < 4; k++)
    for (let i = 0; i < d; i++) matrices[(k * d + ((i + (k * d) / 4) % d)) * d + i] = 1;
  return { size: 4, matrices };
}

const atoms = (name: string, n: number, d: number, backend: Backend = reference) =>
  dictionaryOf(backend, normals(name, n * d), n, d);

test("atoms that a group takes into each other count as one", async () => {
  const d = 12;
  const poses = ringShift(d);
  const a = await atoms("a", 20, d);
  const posed = await posedAtoms(reference, a, poses);
  expect(posed[0]).toBe(a);
  // Each atom in a pose of its own, in another order.
  const unit = new Float32Array(20 * d);
  for (let i = 0; i < 20; i++)
    unit.set(posed[i % 4]!.unit.subarray(i * d, (i + 1) * d), (19 - i) * d);
  const b = { unit, count: 20, d };
  const plain = await matchOneToOne(reference, a, b);
  expect(plain.mean).toBeLessThan(0.8);
  expect(await mccModulo(reference, a, b, poses)).toBeCloseTo(1, 5);
  expect(await mccModulo(reference, b, a, poses)).toBeCloseTo(1, 5);
});

test("the assignment has the largest sum of all, which a greedy one misses", async () => {
  const half = { size: 2, matrices: Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1) };
  const of = (rows: readonly (readonly [number, number])[]) =>
    dictionaryOf(reference, Float32Array.from(rows.flat()), rows.length, 2);
  const a = await of([
    [1, 0],
    [0.8, 0.6],
  ]);
  const b = await of([
    [-0.96, -0.28],
    [0, 1],
  ]);
  // |cos|: (.96, 0) and (.936, .6). Both first choices are b's first atom.
  expect(await mccModulo(reference, a, b, half)).toBeCloseTo((0.96 + 0.6) / 2, 5);
});

test("blocks of scores give the solution of the whole matrix, in any number of poses", async () => {
  const poses = ringShift(12);
  for (const [n, m] of [
    [60, 60],
    [50, 90],
    [90, 50],
  ] as const) {
    const [a, b] = [await atoms("a", n, 12), await atoms("b", m, 12)];
    const whole = await scoredAssignment(reference, a, b, "cosine", { poses });
    const inBlocks = await scoredAssignment(reference, a, b, "cosine", { poses, wholeUpTo: 0 });
    expect(Array.from(inBlocks)).toEqual(Array.from(whole));
    const plain = (await matchOneToOne(reference, a, b)).mean;
    expect(whole.reduce((sum, c) => sum + c, 0) / whole.length).toBeGreaterThan(plain);
  }
});

test.each([
  [16, 32, 0.452, 0.565],
  [32, 32, 0.321, 0.416],
  [64, 32, 0.233, 0.3],
  [256, 32, 0.116, 0.15],
  [256, 128, 0.151, 0.183],
])("the null of d %i, n %i is larger than the plain one", async (d, n, plain, modulo) => {
  // The reference backend takes seconds.
  const backend = openNamed(backendNames.at(1) ?? "reference");
  const [a, b] = [await atoms("one", n, d, backend), await atoms("other", n, d, backend)];
  const group = new ModuloGroup(backend, ringShift(d));
  const found = await group.compare(a, b);
  expect(Math.abs(found.null - modulo)).toBeLessThan(0.02);
  expect(Math.abs(found.mcc - found.null)).toBeLessThan(0.05);
  expect(Math.abs((await matchOneToOne(backend, a, b)).mean - plain)).toBeLessThan(0.04);
  expect(await group.null(n, n, d)).toBe(found.null);
});

test("matrices of another width are refused", async () => {
  const a = await atoms("a", 3, 8);
  await expect(mccModulo(reference, a, a, ringShift(12))).rejects.toThrow(
    "4 matrices for atoms of d_in 8 but received 576 numbers",
  );
});
