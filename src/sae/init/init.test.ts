import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import { randomStream } from "../../base/philox.ts";
import {
  allocateMember,
  initialiseDecoderBias,
  initialiseWeights,
  type Member,
} from "../linear/member.ts";
import type { ArchitectureOptions } from "../registry.ts";
import { geometricMedian, meanOfRows } from "./geometric-median.ts";
import { fillOrthogonal } from "./orthogonal.ts";

/** Σ of distances from a point to the rows of x. */
function distances(x: Float32Array, point: ArrayLike<number>): number {
  const columns = point.length;
  let total = 0;
  for (let at = 0; at < x.length; at += columns) {
    let squares = 0;
    for (let j = 0; j < columns; j++) squares += (x[at + j]! - point[j]!) ** 2;
    total += Math.sqrt(squares);
  }
  return total;
}

describe.each([...backendNames])("on %s", (name) => {
  test("the geometric median has the least sum of distances, and shrugs off outliers", async () => {
    const backend = openNamed(name);
    const [rows, columns] = [201, 6];
    const x = normals("rows", rows * columns).map((v, i) => v + (i % columns));
    // Ten rows far away: the mean follows them, the median does not.
    for (let i = 0; i < 10 * columns; i++) x[i] = 1000;
    const median = await geometricMedian(backend, x, rows, columns);
    const least = distances(x, median);
    for (let j = 0; j < columns; j++)
      for (const shift of [-0.02, 0.02]) {
        const moved = Float64Array.from(median);
        moved[j]! += shift;
        expect(distances(x, moved)).toBeGreaterThan(least);
      }
    for (let j = 0; j < columns; j++) expect(Math.abs(median[j]! - j)).toBeLessThan(0.4);
    const mean = await meanOfRows(backend, x, rows, columns);
    expect(Math.min(...mean)).toBeGreaterThan(40);
  });

  test("rows that coincide with the median do not break it", async () => {
    const backend = openNamed(name);
    const same = new Float32Array(5 * 3).fill(2);
    expect([...(await geometricMedian(backend, same, 5, 3))]).toEqual([2, 2, 2]);
    const one = Float32Array.of(7, -1);
    expect([...(await geometricMedian(backend, one, 1, 2))]).toEqual([7, -1]);
  });

  test.each([
    ["geometric_median", 1],
    ["mean", 50],
    ["zero", 0],
    ["none", undefined],
  ] as const)("b_dec starts at the %s of the first batch", async (decoderBias, near) => {
    const backend = openNamed(name);
    const spec = linearSpec("topk", { dIn: 4, dSae: 8, k: 2, decoderBias });
    const adam = { lr: 1, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    const member = allocateMember(backend, { dIn: 4, dSae: 8, spec, adam });
    const x = normals("batch", 100 * 4, 0.1).map((v, i) => v + (i < 20 ? 981 : 1));
    await initialiseDecoderBias(backend, member, x, 100);
    const bias = member.parameters.decoderBias?.parameter;
    if (near === undefined) expect(bias).toBeUndefined();
    else for (const b of bias!) expect(Math.abs(b - near)).toBeLessThan(0.3);
  });

  test.each([
    [60, 20],
    [20, 60],
    [24, 20],
    [20, 20],
    [1, 5],
  ])("a random [%d, %d] matrix is orthogonal on its shorter side", async (rows, columns) => {
    const backend = openNamed(name);
    const out = backend.float32(rows * columns);
    await fillOrthogonal(backend, randomStream(3, "test"), out, rows, columns);
    const [n, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    const at = (vector: number, i: number) =>
      rows >= columns ? out[i * columns + vector]! : out[vector * columns + i]!;
    const gram = new Float32Array(n * n);
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++)
        for (let i = 0; i < length; i++) gram[a * n + b]! += at(a, i) * at(b, i);
    const identity = gram.map((_, i) => (i % (n + 1) === 0 ? 1 : 0));
    expectAllclose(gram, identity, { atol: 2e-5 }, "Gram matrix");
    const other = backend.float32(rows * columns);
    await fillOrthogonal(backend, randomStream(4, "test"), other, rows, columns);
    expect(other).not.toEqual(out);
  });
});

const [D_IN, D_SAE] = [30, 200];

async function fresh(
  architecture: string,
  seed: number,
  weightInit?: ArchitectureOptions["weightInit"],
): Promise<Member> {
  const backend = openNamed("reference");
  const spec = linearSpec(architecture, { dIn: D_IN, dSae: D_SAE, weightInit });
  const adam = { lr: 1, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const member = allocateMember(backend, { dIn: D_IN, dSae: D_SAE, spec, adam });
  await initialiseWeights(backend, member, { seed, restart: 0 });
  return member;
}

const lengths = (matrix: Float32Array) =>
  Array.from({ length: D_SAE }, (_, f) => Math.hypot(...matrix.subarray(f * D_IN, (f + 1) * D_IN)));

test("untied TopK: atoms of length one, the encoder their transpose, biases zero", async () => {
  const { parameters: p } = await fresh("topk", 0);
  for (const length of lengths(p.unit)) expect(length).toBeCloseTo(1, 5);
  expect(p.encoder!.parameter).toEqual(p.unit);
  expect(p.encoder!.parameter).not.toBe(p.unit);
  expect(p.bias.parameter.every((b) => b === 0)).toBe(true);
});

test.each(["orthogonal", "xavier_uniform"] as const)(
  "untied TopK starts like that with weights that are %s too",
  async (weightInit) => {
    const { parameters: p } = await fresh("topk", 0, weightInit);
    for (const length of lengths(p.unit)) expect(length).toBeCloseTo(1, 5);
    expect(p.encoder!.parameter).toEqual(p.unit);
  },
);

test("ReLU: two draws within Xavier's bound that fill it", async () => {
  const { parameters: p } = await fresh("relu", 0);
  const bound = Math.sqrt(6 / (D_IN + D_SAE));
  for (const matrix of [p.encoder!.parameter, p.raw!.parameter]) {
    const largest = matrix.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.99 * bound);
    const variance = matrix.reduce((sum, v) => sum + v * v, 0) / matrix.length;
    expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
  }
  expect(p.encoder!.parameter).not.toEqual(p.raw!.parameter);
  for (const length of lengths(p.unit)) expect(length).toBeCloseTo(1, 5);
});

test.each(["topk", "topk_tied", "relu", "relu_tied"])(
  "%s: the seed decides the weights, all of them",
  async (architecture) => {
    const [one, again, other] = [
      await fresh(architecture, 1),
      await fresh(architecture, 1),
      await fresh(architecture, 2),
    ];
    expect(again.parameters.unit).toEqual(one.parameters.unit);
    const same = one.parameters.unit.filter((v, i) => v === other.parameters.unit[i]).length;
    expect(same).toBeLessThan(5);
  },
);
