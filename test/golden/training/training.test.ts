/**
 * Fifty steps of every architecture against PyTorch (make.py beside this file), on every backend.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { asFloat32 } from "../../../src/base/tensor.ts";
import { parseSafetensors } from "../../../src/formats/safetensors.ts";
import {
  allocateMember,
  initialiseDecoderBias,
  type Member,
  refreshDerived,
} from "../../../src/sae/linear/member.ts";
import { trainStep } from "../../../src/sae/linear/train-step.ts";
import { allocateWorkspace } from "../../../src/sae/linear/workspace.ts";
import type { ArchitectureOptions } from "../../../src/sae/registry.ts";
import { scheduleFactor } from "../../../src/sae/schedule.ts";
import type { StepResult } from "../../../src/sae/trainable.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { backendNames, openNamed } from "../../support/backends.ts";
import { linearSpec } from "../../support/linear.ts";

const [BATCH, D_IN, D_SAE, STEPS, BATCHES] = [64, 24, 60, 50, 10];

interface Case {
  /** Default: the golden's name. */
  readonly architecture?: string;
  /** Default 0.9. */
  readonly beta1?: number;
  readonly options: Partial<ArchitectureOptions>;
  readonly lr: number;
  readonly schedule: { warmupSteps: number; decayStart: number | undefined };
  /** Golden tensors and where they live in the member. */
  readonly arrays: (m: Member) => Readonly<Record<string, Float32Array>>;
  readonly started: readonly string[];
}

const constant = { warmupSteps: 0, decayStart: undefined };
const TORCH_CASES: Readonly<Record<string, Case>> = {
  topk: {
    options: { k: 5, auxK: { deadAfterTokens: 192 } },
    lr: 3e-3,
    schedule: { warmupSteps: 5, decayStart: 40 },
    arrays: ({ parameters: p }) => ({
      W_enc: p.encoder!.parameter,
      W_dec: p.unit,
      b_enc: p.bias.parameter,
      b_dec: p.decoderBias!.parameter,
    }),
    started: ["W_enc", "W_dec"],
  },
  topk_tied: {
    options: { k: 5 },
    lr: 1e-2,
    schedule: constant,
    arrays: ({ parameters: p }) => ({ W: p.encoder!.parameter, b_enc: p.bias.parameter }),
    started: ["W"],
  },
  relu: {
    options: { l1: 1e-2 },
    lr: 5e-3,
    schedule: constant,
    arrays: ({ parameters: p }) => ({
      W_enc: p.encoder!.parameter,
      D: p.raw!.parameter,
      b_enc: p.bias.parameter,
    }),
    started: ["W_enc", "D"],
  },
  relu_tied: {
    options: { l1: 1e-2 },
    lr: 5e-3,
    schedule: constant,
    arrays: ({ parameters: p }) => ({ D: p.raw!.parameter, b_enc: p.bias.parameter }),
    started: ["D"],
  },
  relu_tied_positive: {
    options: { l1: 1e-3 },
    lr: 5e-2,
    schedule: constant,
    arrays: ({ parameters: p }) => ({ D: p.raw!.parameter, b_enc: p.bias.parameter }),
    started: ["D", "b_enc"],
  },
  relu_tied_reverse: {
    options: { l1: 1e-2, biasDecay: 0.02, biasStart: -0.15 },
    lr: 5e-3,
    schedule: constant,
    arrays: ({ parameters: p }) => ({ D: p.raw!.parameter, b_enc: p.bias.parameter }),
    started: ["D", "b_enc"],
  },
};

const batchWide = {
  lr: 3e-3,
  schedule: { warmupSteps: 5, decayStart: 40 },
  arrays: (m: Member) => ({ ...untied(m), threshold: Float32Array.of(m.threshold ?? -1) }),
  started: ["W_enc", "W_dec"],
};
const jump = {
  architecture: "jumprelu",
  beta1: 0,
  lr: 3e-3,
  schedule: constant,
  arrays: (m: Member) => ({
    ...untied(m),
    threshold: m.parameters.vectors["threshold"]!.parameter,
  }),
  started: ["W_enc", "W_dec", "threshold"],
};
const jumpOptions = { l0Coefficient: 0.02, bandwidth: 0.2, initialThreshold: 0.1 };

/** Made by the programs themselves: make_peers.py. */
const PEER_CASES: Readonly<Record<string, Case>> = {
  batchtopk: { options: { k: 5, auxK: { deadAfterTokens: 192 } }, ...batchWide },
  matryoshka: { options: { k: 5, prefixes: 3, auxK: { deadAfterTokens: 192 } }, ...batchWide },
  gated: {
    options: { l1: 0.1, sparsityWarmupSteps: 20 },
    beta1: 0,
    lr: 3e-3,
    schedule: { warmupSteps: 5, decayStart: undefined },
    arrays: ({ parameters: p }) => ({
      W_enc: p.encoder!.parameter,
      W_dec: p.unit,
      b_gate: p.bias.parameter,
      b_mag: p.vectors["b_mag"]!.parameter,
      r_mag: p.vectors["r_mag"]!.parameter,
      b_dec: p.decoderBias!.parameter,
    }),
    started: ["W_enc", "W_dec"],
  },
  jumprelu: { options: jumpOptions, ...jump },
  jumprelu_tanh: { options: { ...jumpOptions, penalty: "tanh", steToInput: true }, ...jump },
};

const CASES: Readonly<Record<string, Case>> = { ...TORCH_CASES, ...PEER_CASES };

function untied({ parameters: p }: Member) {
  return {
    W_enc: p.encoder!.parameter,
    W_dec: p.unit,
    b_enc: p.bias.parameter,
    b_dec: p.decoderBias!.parameter,
  };
}

function golden(name: string): Map<string, Float32Array> {
  const file = join(import.meta.dirname, `${name}.safetensors`);
  const { tensors } = parseSafetensors(readFileSync(file), file);
  return new Map([...tensors].map(([key, tensor]) => [key, asFloat32(tensor)]));
}

/** Trains as the golden run did; `before` may change the member before every step. */
async function train(backend: Backend, name: string, before: (m: Member) => void = () => {}) {
  const { options, lr, schedule, arrays, started, architecture = name, beta1 = 0.9 } = CASES[name]!;
  const tensors = golden(name);
  const spec = linearSpec(architecture, { dIn: D_IN, dSae: D_SAE, ...options });
  const adam = { lr, beta1, beta2: 0.999, eps: 1e-8 };
  const member = allocateMember(backend, { dIn: D_IN, dSae: D_SAE, spec, adam });
  for (const key of started) arrays(member)[key]!.set(tensors.get(`start.${key}`)!);
  await refreshDerived(backend, member);
  const w = allocateWorkspace(backend, { batch: BATCH, dIn: D_IN, dSae: D_SAE, capacity: 400 });
  const all = tensors.get("x")!;
  const results: StepResult[] = [];
  for (let step = 0; step < STEPS; step++) {
    const at = (step % BATCHES) * BATCH * D_IN;
    const x = all.slice(at, at + BATCH * D_IN);
    if (step === 0) await initialiseDecoderBias(backend, member, x, BATCH);
    before(member);
    const factor = scheduleFactor({ ...schedule, totalSteps: STEPS }, step);
    results.push(await trainStep(member, w, { x, lr: lr * factor }));
  }
  return { results, tensors, end: arrays(member) };
}

describe.each([...backendNames])("on %s", (backendName) => {
  test.each(Object.keys(CASES))("%s follows PyTorch for 50 steps", async (name) => {
    const { results, tensors, end } = await train(openNamed(backendName), name);
    const losses = results.map((r) => r.loss);
    expectAllclose(losses, tensors.get("losses")!, { rtol: 2e-5 }, "loss");
    for (const [key, array] of Object.entries(end))
      expectAllclose(array, tensors.get(`end.${key}`)!, { rtol: 1e-3, atol: 2e-4 }, key);
    if (name === "topk") {
      expect(Math.max(...results.map((r) => r.auxLoss ?? 0))).toBeGreaterThan(0);
      expect(Math.max(...results.map((r) => r.gradientNorm ?? 0))).toBeGreaterThan(1);
    }
  });

  test.each([
    "relu",
    "relu_tied",
    "relu_tied_positive",
    "relu_tied_reverse",
    "jumprelu",
    "jumprelu_tanh",
    "gated",
  ])("the sparse path of %s follows it too", async (name) => {
    const { results, tensors } = await train(openNamed(backendName), name, (m) => {
      m.density = 0;
    });
    const losses = results.map((r) => r.loss);
    expectAllclose(losses, tensors.get("losses")!, { rtol: 2e-5 }, "loss");
  });
});

test.each([...backendNames].filter((n) => n !== "reference"))(
  "on %s the number of threads does not change a byte",
  async (isa) => {
    for (const name of Object.keys(CASES)) {
      const one = await train(openNamed(isa, 1), name);
      const two = await train(openNamed(isa, 2), name);
      expect(two.results).toEqual(one.results);
      for (const key of Object.keys(one.end)) expect(two.end[key]).toEqual(one.end[key]);
    }
  },
);
