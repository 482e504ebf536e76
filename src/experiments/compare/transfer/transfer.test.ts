import { expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { normals } from "../../../../test/support/random.ts";
import { multiply, transposed } from "../../../linalg/multiply.ts";
import { symmetricEigen } from "../../../linalg/symmetric-eigen.ts";
import type { Sae } from "../../../sae/sae.ts";
import { rowsInMemory } from "../../../sources/rows/stored-rows.ts";
import type { RowSet } from "../rows/row-sets.ts";
import { FittedMaps, transferBetween, whyNoTransfer } from "./transfer.ts";

const [ROWS, D, LATENTS] = [400, 8, 8];

function setOf(name: string, data: Float32Array): RowSet {
  const rows = rowsInMemory("float32", D, data);
  return { name, rows, parts: [{ name, rows }], tokens: undefined, saes: [] };
}

function saeWith(decoder: Float32Array): Sae {
  const selection = { kind: "topk", k: 3, relu: false } as const;
  const encoderBias = new Float32Array(LATENTS);
  return {
    selection,
    decoder,
    encoderBias,
    architecture: "topk",
    dIn: D,
    dSae: LATENTS,
    encoder: decoder,
    decoderBias: undefined,
  };
}

/** Eigenvectors of a random matrix are orthonormal. */
function rotation(name: string): Float64Array {
  const x = Float64Array.from(normals(name, D * D));
  return symmetricEigen(multiply(x, transposed(x, D, D), [D, D, D]), D).vectors;
}

const rotated = (rows: Float32Array, by: Float64Array) =>
  Float32Array.from(multiply(Float64Array.from(rows), by, [rows.length / D, D, D]));

test("in a rotated space an SAE is of no use raw, and as good as its own after Procrustes", async () => {
  const turn = rotation("turn");
  const atoms = Float32Array.from(rotation("atoms"));
  // Three of eight atoms in every row, so that three of eight latents are enough.
  const code = normals("code", ROWS * LATENTS).map((v, at) =>
    (Math.floor(at / LATENTS) + at) % LATENTS < 3 ? Math.abs(v) : 0.05 * v,
  );
  const x = rotated(code, Float64Array.from(atoms));
  const nothing = async () => {};
  const transfer = await transferBetween(
    reference,
    { sae: saeWith(atoms), set: setOf("x", x) },
    { sae: saeWith(rotated(atoms, turn)), set: setOf("y", rotated(x, turn)) },
    new FittedMaps(reference, nothing),
    nothing,
  );
  for (const { own, raw, procrustes, affine } of [transfer.aOnB, transfer.bOnA]) {
    expect(own).toBeLessThan(0.05);
    expect(raw).toBeGreaterThan(4 * own);
    expect(procrustes / own).toBeCloseTo(1, 3);
    expect(affine / own).toBeCloseTo(1, 2);
  }
  expect(transfer.mccProcrustes).toBeCloseTo(1, 5);
});

test("where the other place has longer rows, only a map with a factor helps", async () => {
  const atoms = Float32Array.from(rotation("atoms"));
  const code = normals("code", ROWS * LATENTS).map((v, at) =>
    (Math.floor(at / LATENTS) + at) % LATENTS < 3 ? Math.abs(v) : 0.05 * v,
  );
  const x = rotated(code, Float64Array.from(atoms));
  const long = x.map((v) => 30 * v);
  const nothing = async () => {};
  // A bias that matters makes an SAE depend on the length of rows.
  const biased = { ...saeWith(atoms), encoderBias: new Float32Array(LATENTS).fill(-0.2) };
  const selection = { kind: "relu" } as const;
  const transfer = await transferBetween(
    reference,
    { sae: { ...biased, selection }, set: setOf("x", x) },
    {
      sae: { ...biased, selection, encoderBias: biased.encoderBias.map((b) => 30 * b) },
      set: setOf("y", long),
    },
    new FittedMaps(reference, nothing),
    nothing,
  );
  for (const { own, procrustes, scaled } of [transfer.aOnB, transfer.bOnA]) {
    expect(scaled / own).toBeCloseTo(1, 2);
    expect(Math.abs(procrustes / own - 1)).toBeGreaterThan(0.1);
  }
});

test("maps need four rows per dimension, of the wider place", () => {
  const [few, many] = [31, 32].map((rows) => setOf("x", new Float32Array(rows * D)));
  expect(whyNoTransfer(many!, many!)).toBeUndefined();
  expect(whyNoTransfer(few!, few!)).toBe(
    "maps of d_in 8 need 32 rows, half of them to be fitted on, not 31",
  );
});
