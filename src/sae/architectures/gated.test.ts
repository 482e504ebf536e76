import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import {
  gradientsOf,
  type Problem,
  smallProblem,
} from "../../../test/support/finite-differences.ts";
import { normals } from "../../../test/support/random.ts";
import { forward } from "../linear/train-step.ts";

const [BATCH, D_IN, D_SAE, L1] = [7, 5, 9, 0.2];

type Weights = Record<"encoder" | "raw" | "b_enc" | "b_mag" | "r_mag" | "b_dec", Float64Array>;

async function gatedProblem(name: string): Promise<Problem & { weights: Weights }> {
  const problem = await smallProblem(openNamed(name), "gated", { l1: L1 });
  const { parameters: p } = problem.member;
  p.vectors["b_mag"]!.parameter.set(normals("b_mag", D_SAE, 0.2));
  p.vectors["r_mag"]!.parameter.set(normals("r_mag", D_SAE, 0.3));
  const of = (values: Float32Array) => Float64Array.from(values);
  const weights = {
    encoder: of(p.encoder!.parameter),
    raw: of(p.unit),
    b_enc: of(p.bias.parameter),
    b_mag: of(p.vectors["b_mag"]!.parameter),
    r_mag: of(p.vectors["r_mag"]!.parameter),
    b_dec: of(p.decoderBias!.parameter),
  };
  return { ...problem, weights };
}

/** The loss in float64; the auxiliary reconstruction decodes with `frozen`. */
function lossOf(x: Float32Array, at: Weights, frozen: Weights): number {
  let loss = 0;
  for (let b = 0; b < BATCH; b++) {
    const input = Array.from(x.subarray(b * D_IN, (b + 1) * D_IN));
    const main = input.map((v, j) => at.b_dec[j]! - v);
    const aux = input.map((v, j) => frozen.b_dec[j]! - v);
    for (let f = 0; f < D_SAE; f++) {
      const s = input.reduce(
        (sum, v, j) => sum + (v - at.b_dec[j]!) * at.encoder[f * D_IN + j]!,
        0,
      );
      const gate = s + at.b_enc[f]!;
      if (!(gate > 0)) continue;
      const z = Math.max(0, Math.exp(at.r_mag[f]!) * s + at.b_mag[f]!);
      loss += (L1 * gate) / BATCH;
      for (let j = 0; j < D_IN; j++) {
        main[j]! += z * at.raw[f * D_IN + j]!;
        aux[j]! += gate * frozen.raw[f * D_IN + j]!;
      }
    }
    for (const r of [...main, ...aux]) loss += (r * r) / BATCH;
  }
  return loss;
}

/** Moves one number; atoms are moved along the sphere. */
function moved(weights: Weights, key: keyof Weights, i: number, h: number): Weights {
  const values = weights[key].slice();
  values[i]! += h;
  if (key === "raw") {
    const row = values.subarray(Math.floor(i / D_IN) * D_IN, (Math.floor(i / D_IN) + 1) * D_IN);
    const length = Math.hypot(...row);
    for (let j = 0; j < D_IN; j++) row[j]! /= length;
  }
  return { ...weights, [key]: values };
}

describe.each([...backendNames])("on %s", (name) => {
  test("the loss and all gradients are those of the formula, its decoder held fixed in the last term", async () => {
    const problem = await gatedProblem(name);
    const { weights, member, w, x } = problem;
    const found = await forward(member, w, { x });
    expect(found.squaredError + found.penalty!).toBeCloseTo(lossOf(x, weights, weights), 4);
    const gradients = await gradientsOf(problem);
    for (const key of Object.keys(weights) as (keyof Weights)[]) {
      const numeric = Float64Array.from(weights[key], (_, i) => {
        const at = (h: number) => lossOf(x, moved(weights, key, i, h), weights);
        return (at(1e-6) - at(-1e-6)) / 2e-6;
      });
      expectAllclose(gradients.get(key)!, numeric, { rtol: 1e-3, atol: 1e-4 }, key);
    }
  });
});
