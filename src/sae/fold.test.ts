import { describe, expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { centredBias, foldGate, rescale, scaleRows } from "./fold.ts";

const [dIn, dSae] = [3, 4];
const f32 = (...values: number[]) => Float32Array.from(values);

/** W x + b, one score per latent. */
function scores(encoder: Float32Array, bias: Float32Array, x: Float32Array): number[] {
  return Array.from(bias, (b, j) =>
    x.reduce((sum, v, i) => sum + encoder[j * x.length + i]! * v, b),
  );
}

test("an encoder of x becomes one of x − b_dec with the same scores", () => {
  const encoder = normals("encoder", dSae * dIn);
  const [bias, bDec, x] = [normals("b", dSae), normals("c", dIn), normals("x", dIn)];
  const before = scores(encoder, bias, x);
  const after = scores(
    encoder,
    centredBias(encoder, bias, bDec),
    x.map((v, i) => v - bDec[i]!),
  );
  for (const [j, score] of before.entries()) expect(after[j]).toBeCloseTo(score, 5);
});

describe("norms of atoms", () => {
  test("move from the decoder to the scores", () => {
    const encoder = f32(1, 0, 0, 1);
    const [bias, decoder] = [f32(1, 2), f32(3, 4, 0, 2)];
    rescale(encoder, bias, decoder);
    expect([...encoder]).toEqual([5, 0, 0, 2]);
    expect([...bias]).toEqual([5, 4]);
    expect([...decoder].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([0.6, 0.8, 0, 1]);
  });

  test("leave what latents add to a reconstruction as it was", () => {
    const [encoder, decoder] = [normals("e", dSae * dIn), normals("d", dSae * dIn)];
    const [bias, x] = [normals("b", dSae), normals("x", dIn)];
    const part = (e: Float32Array, b: Float32Array, d: Float32Array) =>
      scores(e, b, x).map((score, j) => score * d[j * dIn]!);
    const before = part(encoder, bias, decoder);
    rescale(encoder, bias, decoder);
    // The norm is in the score now; without it the product is that of unit atoms.
    const after = part(encoder, bias, decoder);
    for (const [j, value] of before.entries()) expect(after[j]).toBeCloseTo(value, 5);
  });

  test("of 0 make the score 0, and no number that is not one", () => {
    const [encoder, bias, decoder] = [f32(1, 2), f32(3), f32(0, 0)];
    rescale(encoder, bias, decoder);
    expect([...encoder, ...bias, ...decoder]).toEqual([0, 0, 0, 0, 0]);
  });
});

test("every row is multiplied by its own factor", () => {
  const matrix = f32(1, 2, 3, 4, 5, 6);
  scaleRows(matrix, [10, -1]);
  expect([...matrix]).toEqual([10, 20, 30, -4, -5, -6]);
});

test("a gate folded into a threshold opens for the same scores", () => {
  const gateWeights = normals("gate", dSae * dIn);
  const [r, magnitudeBias, gateBias] = ["r", "m", "g"].map((name) => normals(name, dSae));
  const encoder = gateWeights.slice();
  const thresholds = foldGate(encoder, r!, magnitudeBias!, gateBias!);
  for (let row = 0; row < 50; row++) {
    const x = normals(`row ${row}`, dIn);
    const opens = scores(gateWeights, gateBias!, x).map((score) => score > 0);
    const folded = scores(encoder, magnitudeBias!, x).map((score, j) => score > thresholds[j]!);
    expect(folded).toEqual(opens);
  }
});
