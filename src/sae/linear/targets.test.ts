/**
 * Batches whose rows are to be reconstructed as something else: gradients against finite
 * differences, and x as its own target.
 */
import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../../backend/backend.ts";
import type { ArchitectureOptions } from "../registry.ts";
import { allocateMember, initialiseWeights, type Member } from "./member.ts";
import { namedArrays } from "./parameters.ts";
import { trainStep } from "./train-step.ts";
import { allocateWorkspace } from "./workspace.ts";

const [BATCH, D_IN, D_SAE, K] = [6, 7, 20, 3];
const x = normals("targets/x", BATCH * D_IN);
const target = x.map((v, i) => 0.5 * v + 0.3 * Math.sin(i));

interface Case {
  readonly options: Partial<ArchitectureOptions>;
  /**
   * Fraction of active latents that the member remembers: above a tenth ReLU takes the dense path.
   */
  readonly density?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  topk: { options: { k: K, decoderBias: "mean", auxK: { kAux: 4, deadAfterTokens: 1 } } },
  topk_tied: { options: { k: K, decoderBias: "mean" } },
  relu: { options: { l1: 1e-2, decoderBias: "mean" }, density: 0 },
  "relu, dense": { options: { l1: 1e-2, decoderBias: "mean" }, density: 1 },
  relu_tied: { options: { l1: 1e-2, decoderBias: "mean" }, density: 0 },
};

async function memberOf(backend: Backend, name: string): Promise<Member> {
  const { options, density = 1 } = CASES[name]!;
  const spec = linearSpec(name.split(",")[0]!, {
    dIn: D_IN,
    dSae: D_SAE,
    clipNorm: false,
    ...options,
  });
  const adam = { lr: 1e-3, beta1: 0.5, beta2: 0.999, eps: 1e-8 };
  const member = allocateMember(backend, { dIn: D_IN, dSae: D_SAE, spec, adam });
  await initialiseWeights(backend, member, { seed: 3, restart: 0 });
  const p = member.parameters;
  p.bias.parameter.set(normals("targets/bias", D_SAE, 0.2));
  p.decoderBias!.parameter.set(normals("targets/b_dec", D_IN, 0.5));
  member.density = density;
  return member;
}

function step(backend: Backend, member: Member, given: Float32Array | undefined) {
  const w = allocateWorkspace(backend, { batch: BATCH, dIn: D_IN, dSae: D_SAE, capacity: 64 });
  return trainStep(member, w, { x: x.slice(), target: given?.slice(), lr: 1e-3 });
}

type Weights = Readonly<Record<"encoder" | "raw" | "b_enc" | "b_dec", Float64Array>>;

function unitRows(matrix: Float64Array): Float64Array {
  const out = new Float64Array(matrix);
  for (let f = 0; f < D_SAE; f++) {
    const row = out.subarray(f * D_IN, (f + 1) * D_IN);
    const norm = Math.hypot(...row);
    for (let j = 0; j < D_IN; j++) row[j]! /= norm;
  }
  return out;
}

/**
 * Residuals x̂ − target of the batch, its L1 norm, and the scores of all latents: [batch × d_in],
 * number, [batch × d_sae].
 */
function reconstruct(member: Member, weights: Weights) {
  const { selection, tying } = member.spec;
  const unit = unitRows(tying === 2 ? weights.encoder : weights.raw);
  const encoder = tying === 3 ? unit : weights.encoder;
  const residual = new Float64Array(BATCH * D_IN);
  const scores = new Float64Array(BATCH * D_SAE);
  let l1 = 0;
  const active = new Set<number>();
  for (let b = 0; b < BATCH; b++) {
    const row = scores.subarray(b * D_SAE, (b + 1) * D_SAE);
    for (let f = 0; f < D_SAE; f++) {
      row[f] = weights.b_enc[f]!;
      for (let j = 0; j < D_IN; j++)
        row[f]! += (x[b * D_IN + j]! - weights.b_dec[j]!) * encoder[f * D_IN + j]!;
    }
    const order = Array.from(row.keys()).sort((a, c) => row[c]! - row[a]!);
    const chosen = order.slice(0, selection.kind === "topk" ? selection.k : D_SAE);
    const rectified = selection.kind !== "topk" || selection.relu;
    for (let j = 0; j < D_IN; j++)
      residual[b * D_IN + j] = weights.b_dec[j]! - target[b * D_IN + j]!;
    for (const f of chosen) {
      const value = rectified ? Math.max(0, row[f]!) : row[f]!;
      if (value !== 0) active.add(f);
      l1 += Math.abs(value) / BATCH;
      for (let j = 0; j < D_IN; j++) residual[b * D_IN + j]! += value * unit[f * D_IN + j]!;
    }
  }
  return { residual, l1, scores, unit, active };
}

const square = (v: Float64Array) => v.reduce((sum, r) => sum + r * r, 0);

/**
 * The loss as a function of the weights, in float64; AuxK's target and scale stay those of `start`.
 */
function lossOf(member: Member, start: Weights): (weights: Weights) => number {
  const { lossReduction, l1: coefficient, auxK } = member.spec;
  const scale = lossReduction === "sum" ? 1 / BATCH : 1 / (BATCH * D_IN);
  const first = reconstruct(member, start);
  const left = first.residual.map((r) => -r);
  const mean = Float64Array.from({ length: D_IN }, (_, j) =>
    left.reduce((sum, e, i) => sum + (i % D_IN === j ? e / BATCH : 0), 0),
  );
  const variance = square(left) / BATCH - square(mean);
  return (weights) => {
    const { residual, l1, scores, unit } = reconstruct(member, weights);
    let loss = scale * square(residual) + coefficient * l1;
    if (!auxK) return loss;
    for (let b = 0; b < BATCH; b++) {
      const row = left.slice(b * D_IN, (b + 1) * D_IN).map((e) => -e);
      const dead = Array.from({ length: D_SAE }, (_, f) => f).filter((f) => !first.active.has(f));
      const score = (f: number) => scores[b * D_SAE + f]!;
      for (const f of dead.sort((a, c) => score(c) - score(a)).slice(0, auxK.kAux))
        for (let j = 0; j < D_IN; j++) row[j]! += Math.max(0, score(f)) * unit[f * D_IN + j]!;
      loss += (auxK.coefficient * square(row)) / BATCH / variance;
    }
    return loss;
  };
}

function weightsOf({ parameters: p }: Member): Weights {
  const of = (v: Float32Array | undefined) => Float64Array.from(v ?? []);
  return {
    encoder: of(p.encoder?.parameter),
    raw: of(p.raw?.parameter),
    b_enc: of(p.bias.parameter),
    b_dec: of(p.decoderBias!.parameter),
  };
}

describe.each([...backendNames])("on %s", (backendName) => {
  test.each(Object.keys(CASES))(
    "gradients of %s towards targets are those of the loss",
    async (name) => {
      const backend = openNamed(backendName);
      const member = await memberOf(backend, name);
      const weights = weightsOf(member);
      const loss = lossOf(member, weights);
      const { loss: found, auxLoss } = await step(backend, member, target);
      expect(found).toBeCloseTo(loss(weights), 4);
      expect((auxLoss ?? 0) > 0).toBe(name === "topk");
      const { encoder, raw, bias, decoderBias } = member.parameters;
      const states = { encoder, raw, b_enc: bias, b_dec: decoderBias };
      for (const [key, values] of Object.entries(weights)) {
        if (values.length === 0) continue;
        const numeric = values.map((_, i) => {
          const at = (h: number) => {
            const moved = { ...weights, [key]: values.slice() };
            moved[key as keyof Weights][i]! += h;
            return loss(moved);
          };
          return (at(1e-5) - at(-1e-5)) / 2e-5;
        });
        // With β₁ = ½ the first moment is half the gradient.
        const gradient = states[key as keyof Weights]!.m.map((m) => 2 * m);
        const largest = Math.max(...numeric.map(Math.abs));
        expectAllclose(gradient, numeric, { rtol: 1e-4, atol: 2e-5 * largest }, key);
      }
    },
  );

  test.each(Object.keys(CASES))(
    "a batch that is its own target leaves the bytes of %s as they were",
    async (name) => {
      const backend = openNamed(backendName);
      const [alone, named] = [await memberOf(backend, name), await memberOf(backend, name)];
      const one = await step(backend, alone, undefined);
      expect(await step(backend, named, x)).toEqual(one);
      expect(namedArrays(named.parameters)).toEqual(namedArrays(alone.parameters));
    },
  );
});
