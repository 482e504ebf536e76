import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { rotation, turned } from "../../../test/support/rotation.ts";
import { dictionaryOf } from "../matching/dictionary.ts";
import {
  AngleNulls,
  byMatch,
  leadingOf,
  principalAngles,
  subspaceOverlap,
  unmatchedEnergy,
  unmatchedSide,
} from "./subspaces.ts";

/** Atoms along axes of a space, as many times as each is named. */
function axes(d: number, ...names: readonly number[]) {
  const matrix = new Float32Array(names.length * d);
  for (const [row, axis] of names.entries()) matrix[row * d + axis] = 1;
  return { matrix, unit: matrix, count: names.length, d };
}

const leading = (d: number, ...names: readonly number[]) => leadingOf(reference, axes(d, ...names));

const nulls = new AngleNulls(reference);

test("overlap counts the directions in common, from the strongest on", async () => {
  // Axis 0 leads both. Axis 1 comes second in one, axis 2 in the other.
  const a = await leading(4, 0, 0, 0, 1, 1, 2);
  const b = await leading(4, 0, 0, 0, 2, 2, 3);
  const { ranks, overlap } = await subspaceOverlap(reference, a, b, nulls);
  expect(ranks).toEqual([1, 2, 4]);
  // Each holds three axes, and they have two of them in common.
  for (const [i, wanted] of [1, 1 / 2, 2 / 4].entries()) expect(overlap[i]).toBeCloseTo(wanted, 5);
});

test("overlap is symmetric and does not change when both are turned", async () => {
  const [n, d] = [12, 6];
  const [x, y] = [normals("x", n * d), normals("y", n * d)];
  const of = (matrix: Float32Array) => leadingOf(reference, { matrix, count: n, d });
  const there = await subspaceOverlap(reference, await of(x), await of(y), nulls);
  const back = await subspaceOverlap(reference, await of(y), await of(x), nulls);
  const turn = rotation("both", d);
  const [u, v] = [await of(turned(x, turn, d)), await of(turned(y, turn, d))];
  const again = await subspaceOverlap(reference, u, v, nulls);
  for (const [i, value] of there.overlap.entries()) {
    expect(back.overlap[i]).toBeCloseTo(value, 5);
    expect(again.overlap[i]).toBeCloseTo(value, 4);
    expect(value).toBeLessThanOrEqual(1 + 1e-5);
  }
});

test("the null of the overlap is r / d, less where a side holds fewer directions", async () => {
  const few = await leading(8, 0, 0, 1, 2);
  const full = await leading(8, 0, 1, 2, 3, 4, 5, 6, 7);
  const { null: none } = await subspaceOverlap(reference, few, full, nulls);
  // Three directions of rank four: 3 · 4 / (4 · 8); of rank eight: 3 · 8 / (8 · 8).
  for (const [i, wanted] of [1 / 8, 2 / 8, 3 / 8, 3 / 8].entries())
    expect(none[i]).toBeCloseTo(wanted, 10);
});

test("ranks are powers of two up to the width, and up to 64", async () => {
  const ranksOf = async (d: number) => {
    const all = await leading(d, ...Array.from({ length: d }, (_, i) => i));
    return (await subspaceOverlap(reference, all, all, nulls)).ranks;
  };
  expect(await ranksOf(1)).toEqual([1]);
  expect(await ranksOf(6)).toEqual([1, 2, 4]);
  expect(await ranksOf(70)).toEqual([1, 2, 4, 8, 16, 32, 64]);
});

test("principal angles ascend: zero along what is common, a right angle beyond", async () => {
  const angles = await principalAngles(
    reference,
    await leading(4, 0, 0, 1),
    await leading(4, 1, 2),
  );
  expect(angles).toHaveLength(2);
  expect(angles[0]).toBeCloseTo(0, 1);
  expect(angles[1]).toBeCloseTo(90, 5);
});

test("the angle between two lines is that of their atoms", async () => {
  const line = (degrees: number) => {
    const angle = (degrees * Math.PI) / 180;
    const matrix = Float32Array.of(Math.cos(angle), Math.sin(angle), 0);
    return leadingOf(reference, { matrix, count: 1, d: 3 });
  };
  expect((await principalAngles(reference, await line(10), await line(40)))[0]).toBeCloseTo(30, 4);
  // A line has no sign: 170° apart is 10°.
  expect((await principalAngles(reference, await line(0), await line(170)))[0]).toBeCloseTo(10, 4);
});

test("atoms of length zero hold no direction and have no angle", async () => {
  const nothing = await leadingOf(reference, { matrix: new Float32Array(6), count: 2, d: 3 });
  expect(nothing.held).toBe(0);
  expect(await principalAngles(reference, nothing, await leading(3, 0))).toEqual([]);
});

test("random subspaces of the whole space coincide; of less, their angles ascend", async () => {
  for (const angle of await nulls.of(3, 3)) expect(angle).toBeLessThan(0.1);
  const angles = await nulls.of(20, 4);
  expect(angles).toEqual([...angles].sort((a, b) => a - b));
  expect(angles[0]).toBeGreaterThan(20);
  expect(nulls.of(20, 4)).toBe(nulls.of(20, 4));
});

test("latents divide by whether their partner is near enough, and dead ones are left out", () => {
  const matching = {
    partnerOfA: Int32Array.of(2, -1, 0, 1),
    cosine: Float32Array.of(0.75, 0, 0.7, 0.9),
  };
  const all = () => true;
  const [a, b] = byMatch(matching, 4, 0.75, [all, all]);
  expect([a.matched, a.unmatched].map((v) => [...v])).toEqual([
    [0, 3],
    [1, 2],
  ]);
  expect([b.matched, b.unmatched].map((v) => [...v])).toEqual([
    [1, 2],
    [0, 3],
  ]);
  const [living, others] = byMatch(matching, 4, 0.75, [(i) => i !== 1, (j) => j < 2]);
  expect([living.matched, living.unmatched].map((v) => [...v])).toEqual([[0, 3], [2]]);
  expect([others.matched, others.unmatched].map((v) => [...v])).toEqual([[1], [0]]);
});

const side = (unmatched: readonly number[], matched: readonly number[], d = 4) => {
  const atoms = axes(d, ...unmatched, ...matched);
  const from = (start: number, length: number) => Int32Array.from({ length }, (_, i) => start + i);
  return unmatchedSide(reference, atoms, {
    unmatched: from(0, unmatched.length),
    matched: from(unmatched.length, matched.length),
  });
};

test("energy is the share of an atom's length in the other's span", async () => {
  // Axis 1 leads the other's unmatched atoms, axis 2 follows.
  const one = await side([1, 2, 3], [0, 1]);
  const other = await side([1, 1, 1, 2, 2], [0]);
  const found = (await unmatchedEnergy(reference, one, other, "test"))!;
  expect(found.latents).toEqual([3, 5]);
  expect(found.ranks).toEqual([1, 2, 4]);
  for (const [i, [energy, matched, none]] of [
    [1 / 3, 1 / 2, 1 / 4],
    [2 / 3, 1 / 2, 2 / 4],
    // The other's unmatched atoms span two directions, whatever the rank.
    [2 / 3, 1 / 2, 2 / 4],
  ].entries()) {
    expect(found.energy[i]).toBeCloseTo(energy!, 5);
    expect(found.matched![i]).toBeCloseTo(matched!, 5);
    expect(found.null[i]).toBeCloseTo(none!, 10);
  }
  expect(found.own.at(-1)).toBeCloseTo(1, 5);
});

test("no unmatched atoms on one side, no test; no matched ones, no comparison with them", async () => {
  const [some, none] = [await side([0, 1], []), await side([], [0, 1])];
  expect(none.leading).toBeUndefined();
  expect(await unmatchedEnergy(reference, some, none, "test")).toBeUndefined();
  expect(await unmatchedEnergy(reference, none, some, "test")).toBeUndefined();
  expect((await unmatchedEnergy(reference, some, some, "test"))!.matched).toBeUndefined();
});

test("energies of normal atoms are near the null, and lie within their intervals", async () => {
  const [n, d] = [40, 16];
  const random = async (name: string) => {
    const atoms = await dictionaryOf(reference, normals(name, n * d), n, d);
    const unmatched = Int32Array.from({ length: n }, (_, i) => i);
    return unmatchedSide(reference, atoms, { unmatched, matched: new Int32Array(0) });
  };
  const found = (await unmatchedEnergy(reference, await random("u"), await random("v"), "near"))!;
  for (const [i, energy] of found.energy.entries()) {
    expect(Math.abs(energy - found.null[i]!)).toBeLessThan(0.15);
    const [low, high] = found.intervals[i]!;
    expect(energy).toBeGreaterThanOrEqual(low - 1e-6);
    expect(energy).toBeLessThanOrEqual(high + 1e-6);
    expect(found.own[i]).toBeGreaterThanOrEqual(energy - 1e-5);
  }
  expect(found.energy.at(-1)).toBeCloseTo(1, 5);
});
