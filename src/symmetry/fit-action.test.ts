/** Fitted matrices of a group against those that made the rows. */
import { expect, test } from "vitest";
import { expectAllclose } from "../../test/support/allclose.ts";
import { reference } from "../../test/support/backends.ts";
import { orbitRows, quarterTurns } from "../../test/support/orbits.ts";
import { normals } from "../../test/support/random.ts";
import { actionError, matricesOf } from "./action.ts";
import { eigenvalueAngles } from "./diagnose.ts";
import { fitAction } from "./fit-action.ts";
import { groupNamed } from "./named-groups.ts";
import { orbitsOf } from "./orbits.ts";

const D = 6;
const C4 = groupNamed("c4");
const TRUE = quarterTurns(D);

/** Orbits of C4 with some noise. */
function orbits(name: string, count: number, noise = 0, features = 12) {
  const rows = orbitRows(TRUE, D, count, name, features);
  const added = normals(`noise of ${name}`, rows.length, noise);
  return orbitsOf(
    rows.map((v, i) => v + added[i]!),
    4,
    D,
  );
}

test.each(["generators", "elements"] as const)(
  "least squares find what made the rows: %s",
  async (of) => {
    const fitted = await fitAction(reference, C4, orbits("fit", 60), orbits("held out", 20), {
      of,
    });
    expectAllclose(fitted.matrices, TRUE.matrices, { atol: 1e-4 });
    const { elements, generators, actionError: error } = fitted.diagnostics;
    expect(elements.map(({ name }) => name)).toEqual(["r", "r²", "r³"]);
    for (const { r2 } of elements) expect(r2).toBeGreaterThan(0.9999);
    expect(error).toBeLessThan(1e-4);
    expect(fitted.rank).toBe(D);
    expect(generators[0]).toMatchObject({ name: "r", order: 4 });
    expect(generators[0]!.closure).toBeLessThan(1e-4);
    expect(generators[0]!.condition).toBeCloseTo(1, 3);
    expect(generators[0]!.orthogonalR2).toBeGreaterThan(0.9999);
    expect(generators[0]!.angles).toEqual([{ angle: Math.PI / 2, count: D }]);
  },
);

test("from the canonical pose alone, powers of M fail outside the span of canonical rows", async () => {
  // Two upright features span two of six dimensions.
  const data = [orbits("fit", 60, 0, 2), orbits("held out", 20, 0, 2)] as const;
  const all = await fitAction(reference, C4, ...data);
  const first = await fitAction(reference, C4, ...data, { trainOnAllK: false });
  const r2 = ({ diagnostics }: typeof all) => diagnostics.elements.map((one) => one.r2);
  expect(Math.min(...r2(all))).toBeGreaterThan(0.999);
  expect(Math.min(...r2(first))).toBeLessThan(0.9);
});

test("Adam comes to the same matrices, and noise shows in R² and closure", async () => {
  const options = { method: "adam", epochs: 100, lr: 0.02, batchOrbits: 20 } as const;
  const [fit, heldOut] = [orbits("fit", 60), orbits("held out", 20)];
  const learnt = await fitAction(reference, C4, fit, heldOut, options);
  for (const { r2 } of learnt.diagnostics.elements) expect(r2).toBeGreaterThan(0.99);
  expect((await fitAction(reference, C4, fit, heldOut, options)).matrices).toEqual(learnt.matrices);
  const single = { ...options, trainOnAllK: false };
  const { diagnostics } = await fitAction(reference, C4, fit, heldOut, single);
  expect(diagnostics.elements[0]!.r2).toBeGreaterThan(0.9);
  const noisy = await fitAction(reference, C4, orbits("n", 60, 0.3), orbits("m", 20, 0.3));
  expect(noisy.diagnostics.elements[0]!.r2).toBeLessThan(0.999);
  expect(noisy.diagnostics.generators[0]!.closure).toBeGreaterThan(0.01);
});

test("matrices of a group are products along words, and a false group shows", () => {
  const group = groupNamed("d4");
  const r = Float64Array.of(0, -1, 1, 0);
  const f = Float64Array.of(1, 0, 0, -1);
  const matrices = matricesOf(group, [r, f], 2);
  expect(actionError(group, matrices)).toBeLessThan(1e-12);
  expect([...matrices.subarray(20, 24)]).toEqual([0, 1, 1, 0]);
  const eighth = Float64Array.of(Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2);
  expect(actionError(group, matricesOf(group, [eighth, f], 2))).toBeGreaterThan(0.5);
  expect(() => matricesOf(group, [r], 2)).toThrow("2 of [2, 2], one for each generator");
  expect(eigenvalueAngles(f, 2)).toEqual([
    { angle: 0, count: 1 },
    { angle: Math.PI, count: 1 },
  ]);
  expect(eigenvalueAngles(Float64Array.of(1, 0, 0, 0), 2)).toBeNull();
  expect(() => orbitsOf(new Float32Array(10), 4, 2)).toThrow("whole orbits of 4 rows");
});
