import { describe, expect, test } from "vitest";
import { backendNames, openNamed, reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { bagSae } from "./bag-sae.ts";
import { bagOf, boostOf, type Coder, openCoder } from "./ensemble.ts";
import type { Sae } from "./sae.ts";

const [D_IN, D_SAE, ROWS] = [8, 24, 50];
const x = normals("rows", ROWS * D_IN);

function sae(name: string, extra: Partial<Sae> = {}): Sae {
  return {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn: D_IN,
    dSae: D_SAE,
    encoder: normals(`${name} encoder`, D_SAE * D_IN),
    decoder: normals(`${name} decoder`, D_SAE * D_IN, 0.3),
    encoderBias: normals(`${name} b_enc`, D_SAE),
    decoderBias: normals(`${name} b_dec`, D_IN),
    ...extra,
  };
}

const topk: Partial<Sae> = { selection: { kind: "topk", k: 3, relu: true } };

async function answer(coder: Coder, rows: Float32Array, target = rows, backend = reference) {
  const runner = await openCoder(backend, coder, ROWS);
  const code = await runner.encode(rows, ROWS);
  const { residual, rowLoss } = await runner.residual(target, code);
  return {
    indptr: Array.from(code.indptr),
    indices: Array.from(code.indices.subarray(0, code.indptr[ROWS])),
    values: Array.from(code.values.subarray(0, code.indptr[ROWS])),
    residual: Float32Array.from(residual),
    rowLoss: Float32Array.from(rowLoss),
  };
}

describe.each([...backendNames])("on %s", (name) => {
  test.each(["bag", "boost"] as const)("a %s of one SAE is that SAE", async (kind) => {
    const backend = openNamed(name);
    const one = sae("a", topk);
    const ensemble = kind === "bag" ? bagOf([one]) : boostOf([one]);
    const [alone, made] = [await answer(one, x, x, backend), await answer(ensemble, x, x, backend)];
    expect({ ...made, rowLoss: alone.rowLoss }).toEqual(alone);
    for (const [b, loss] of made.rowLoss.entries()) expect(loss).toBeCloseTo(alone.rowLoss[b]!, 4);
  });
});

test("a bag reconstructs as the mean of its members, from their weighted codes", async () => {
  const [a, b] = [sae("a", topk), sae("b")];
  const [ofA, ofB, bag] = [await answer(a, x), await answer(b, x), await answer(bagOf([a, b]), x)];
  for (const [i, v] of bag.residual.entries())
    expect(v).toBeCloseTo((ofA.residual[i]! + ofB.residual[i]!) / 2, 5);
  expect(bag.indptr[ROWS]).toBe(ofA.indptr[ROWS]! + ofB.indptr[ROWS]!);
  // The first row: the latents of a, then those of b, which come after all of a.
  const end = ofB.indptr[1]!;
  expect(bag.indices.slice(0, 3 + end)).toEqual([
    ...ofA.indices.slice(0, 3),
    ...ofB.indices.slice(0, end).map((f) => f + D_SAE),
  ]);
  expect(bag.values.slice(0, 3)).toEqual(ofA.values.slice(0, 3).map((v) => Math.fround(v / 2)));
});

test("a boosted chain encodes what former members leave; its reconstruction is their sum", async () => {
  const [a, b] = [sae("a", topk), sae("b", { rowNormalization: "layer_norm" })];
  const first = await answer(a, x);
  const left = first.residual.map((r) => 0 - r);
  const second = await answer(b, left);
  const boost = await answer(boostOf([a, b]), x);
  expect(boost.residual).toEqual(second.residual);
  expect(boost.rowLoss).toEqual(second.rowLoss);
  expect(boost.values.slice(0, 3)).toEqual(first.values.slice(0, 3));
  for (const [i, r] of boost.residual.entries()) {
    const sum = first.residual[i]! + x[i]! + (second.residual[i]! + left[i]!);
    expect(r + x[i]!).toBeCloseTo(sum, 4);
  }
});

test.each(["bag", "boost"] as const)("a %s is held against targets of its own", async (kind) => {
  const saes = [sae("a", topk), sae("b")];
  const ensemble = kind === "bag" ? bagOf(saes) : boostOf(saes);
  const target = normals("targets", x.length);
  const [own, other] = [await answer(ensemble, x), await answer(ensemble, x, target)];
  for (const [i, r] of other.residual.entries())
    expect(r + target[i]!).toBeCloseTo(own.residual[i]! + x[i]!, 4);
});

const jump = (name: string): Partial<Sae> => ({
  architecture: "jumprelu",
  selection: { kind: "jumprelu", thresholds: normals(`${name} thresholds`, D_SAE).map(Math.abs) },
});

test.each<[string, readonly Sae[]]>([
  ["ReLU SAEs", [sae("a"), sae("b"), sae("c", { decoderBias: undefined })]],
  ["SAEs with thresholds", [sae("a", jump("a")), sae("b", jump("b"))]],
  ["both", [sae("a"), sae("b", jump("b"))]],
  ["SAEs of normalised rows", ["a", "b"].map((n) => sae(n, { rowNormalization: "layer_norm" }))],
])("a bag of %s is one SAE", async (_, saes) => {
  const ensemble = bagOf(saes);
  const { sae: one } = bagSae(reference, ensemble);
  const [expected, made] = [await answer(ensemble, x), await answer(one!, x)];
  expect(made.indptr).toEqual(expected.indptr);
  expect(made.indices).toEqual(expected.indices);
  for (const [i, r] of made.residual.entries()) expect(r).toBeCloseTo(expected.residual[i]!, 4);
});

test("other bags are none, and say why", () => {
  const reason = (saes: readonly Sae[]) => bagSae(reference, bagOf(saes)).reason;
  expect(reason([sae("a", topk), sae("b")])).toMatch(/k latents of each member/);
  expect(reason([sae("a"), sae("b", { rowNormalization: "layer_norm" })])).toMatch(/normalise/);
  expect(bagSae(reference, boostOf([sae("a"), sae("b")])).reason).toMatch(/former ones leave/);
});

test("SAEs of different widths, and none at all, are refused", () => {
  expect(() => bagOf([sae("a"), sae("b", { dIn: 9 })])).toThrow(
    "Expected SAEs of one d_in but SAE 0 has 8 and SAE 1 has 9.",
  );
  expect(() => boostOf([])).toThrow("Expected at least one SAE but found none.");
});
