import { describe, expect, test } from "vitest";
import { backendNames, openNamed, reference } from "../../../test/support/backends.ts";
import { cosine, fan } from "../../../test/support/plane-atoms.ts";
import { normals } from "../../../test/support/random.ts";
import { dictionaryOf } from "../matching/dictionary.ts";
import { rebuildFrom } from "./rebuild-atom.ts";

const AXES = { unit: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), count: 3, d: 3 };

describe.each(backendNames)("on %s", (name) => {
  const backend = openNamed(name);

  test("orthogonal atoms join by the size of their coefficient, whatever its sign", async () => {
    const unit = Float32Array.of(3 / 7, -6 / 7, 2 / 7);
    const [steps] = await rebuildFrom(backend, { unit, count: 1 }, AXES, 3);
    expect(steps!.map(({ atom }) => atom)).toEqual([1, 0, 2]);
    for (const [i, wanted] of [6 / 7, Math.sqrt(45) / 7, 1].entries())
      expect(steps![i]!.cosine).toBeCloseTo(wanted, 6);
  });

  test("directions are rebuilt one by one as they are together", async () => {
    const unit = Float32Array.of(0.6, 0.8, 0, 0, 0.6, -0.8);
    const both = await rebuildFrom(backend, { unit, count: 2 }, AXES, 2);
    for (const [i, steps] of both.entries()) {
      const one = { unit: unit.slice(3 * i, 3 * i + 3), count: 1 };
      expect((await rebuildFrom(backend, one, AXES, 2))[0]).toEqual(steps);
    }
    expect(both.map((steps) => steps.map(({ atom }) => atom))).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });
});

test("a direction that is an atom is rebuilt by that atom alone", async () => {
  const atoms = await fan(15, 40, 100);
  const [steps] = await rebuildFrom(
    reference,
    { unit: atoms.unit.slice(2, 4), count: 1 },
    atoms,
    1,
  );
  expect(steps).toHaveLength(1);
  expect(steps![0]).toMatchObject({ atom: 1, cosine: expect.closeTo(1, 4) });
});

test("coefficients are fitted again: two oblique atoms rebuild all of a plane", async () => {
  const target = await fan(70);
  const [steps] = await rebuildFrom(reference, target, await fan(0, 30), 2);
  expect(steps!.map(({ atom }) => atom)).toEqual([1, 0]);
  expect(steps![0]!.cosine).toBeCloseTo(cosine(40), 6);
  expect(steps![1]!.cosine).toBeCloseTo(1, 4);
});

test("an atom joins once, also when it is there twice or of length zero", async () => {
  const unit = Float32Array.of(1, 0, 1, 0, 0, 0);
  const target = { unit: Float32Array.of(0.6, 0.8), count: 1 };
  const [steps] = await rebuildFrom(reference, target, { unit, count: 3, d: 2 }, 3);
  expect(steps!.map(({ atom }) => atom).sort()).toEqual([0, 1, 2]);
  for (const { cosine } of steps!) expect(cosine).toBeCloseTo(0.6, 6);
});

test("a dictionary of fewer atoms than asked for gives as many steps as it has", async () => {
  const target = { unit: Float32Array.of(1, 0, 0), count: 1 };
  expect((await rebuildFrom(reference, target, AXES, 10))[0]).toHaveLength(3);
  expect(await rebuildFrom(reference, target, { ...AXES, count: 0 }, 5)).toEqual([[]]);
  expect(await rebuildFrom(reference, { unit: new Float32Array(0), count: 0 }, AXES, 5)).toEqual(
    [],
  );
});

test("cosines never fall, and d atoms in general position rebuild everything", async () => {
  const [n, d] = [20, 6];
  const atoms = await dictionaryOf(reference, normals("atoms", n * d), n, d);
  const targets = await dictionaryOf(reference, normals("targets", 4 * d), 4, d);
  const before = targets.unit.slice();
  for (const steps of await rebuildFrom(reference, targets, atoms, d + 2)) {
    expect(new Set(steps.map(({ atom }) => atom)).size).toBe(d + 2);
    for (const [i, { cosine }] of steps.entries()) {
      expect(cosine).toBeGreaterThanOrEqual((steps[i - 1]?.cosine ?? 0) - 1e-6);
      expect(cosine).toBeLessThanOrEqual(1);
    }
    expect(steps[d - 1]!.cosine).toBeCloseTo(1, 5);
  }
  expect(targets.unit).toEqual(before);
});
