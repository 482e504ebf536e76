/**
 * Mutual Feature Regularization against PyTorch and SciPy (make.py beside this file), on every
 * backend.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { asFloat32 } from "../../../src/base/tensor.ts";
import { parseSafetensors } from "../../../src/formats/safetensors.ts";
import {
  MFR_DEFAULTS,
  type MfrOptions,
  MutualFeatureRegularization,
} from "../../../src/population/couplings/mfr.ts";
import { allocatePopulation } from "../../../src/population/population.ts";
import { trainPopulation } from "../../../src/population/train-population.ts";
import { refreshDerived } from "../../../src/sae/linear/member.ts";
import type { ActivationStream } from "../../../src/sources/source.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { backendNames, openNamed } from "../../support/backends.ts";
import { linearMember, linearOf, linearSpec } from "../../support/linear.ts";

const [BATCH, D_IN, D_SAE, K, STEPS, BATCHES, MEMBERS] = [48, 20, 36, 4, 50, 6, 3];

const CASES: Readonly<Record<string, Partial<MfrOptions>>> = {
  hungarian: { matching: "hungarian", weight: 3, pairNorm: "mean" },
  max: { matching: "max", weight: 1, pairNorm: "sum" },
  symmetric_max: { matching: "symmetric_max", weight: 1, pairNorm: "mean" },
};

function golden(name: string): Map<string, Float32Array> {
  const file = join(import.meta.dirname, `${name}.safetensors`);
  const { tensors } = parseSafetensors(readFileSync(file), file);
  return new Map([...tensors].map(([key, tensor]) => [key, asFloat32(tensor)]));
}

/** Serves the golden batches in turn. */
function cyclicStream(all: Float32Array): ActivationStream {
  let step = 0;
  return {
    rowsPerPass: undefined,
    async next(out) {
      const at = (step++ % BATCHES) * BATCH * D_IN;
      out.set(all.subarray(at, at + BATCH * D_IN));
    },
    state: () => ({ step }),
    async seek(state) {
      step = Number(state["step"]);
    },
  };
}

async function train(backend: Backend, name: string, options: Partial<MfrOptions> = {}) {
  const tensors = golden(name);
  const spec = linearSpec("topk_tied", { dIn: D_IN, dSae: D_SAE, k: K });
  const adam = { lr: 1e-2, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const schedule = { warmupSteps: 0, decayStart: undefined };
  const members = Array.from({ length: MEMBERS }, (_, i) =>
    linearMember({
      name: `member-${i}`,
      dSae: D_SAE,
      spec,
      adam,
      schedule,
      seed: i,
    }),
  );
  const population = allocatePopulation(backend, { dIn: D_IN, batch: BATCH, members });
  for (const [i, member] of population.members.entries()) {
    linearOf(member).parameters.encoder!.parameter.set(tensors.get(`start.${i}`)!);
    await refreshDerived(backend, linearOf(member));
  }
  const mfr = { ...MFR_DEFAULTS, weight: 0, seed: 0, warmupSteps: 10, ...CASES[name], ...options };
  const coupling = new MutualFeatureRegularization(population, mfr);
  const losses: number[] = [];
  const couplingLosses: number[] = [];
  const work: Record<string, number> = {};
  const steps = trainPopulation({
    population,
    stream: cyclicStream(tensors.get("x")!),
    coupling,
    clock: () => 0,
    firstStep: 0,
    totalSteps: STEPS,
  });
  for await (const step of steps) {
    losses.push(...step.members.map((m) => m.loss));
    couplingLosses.push(step.couplingLoss);
    for (const [kind, n] of Object.entries(step.couplingWork)) work[kind] = (work[kind] ?? 0) + n;
  }
  return { tensors, losses, couplingLosses, work, population };
}

describe.each([...backendNames])("on %s", (backendName) => {
  test.each(Object.keys(CASES))(
    "MFR with %s matching follows PyTorch for 50 steps",
    async (name) => {
      const { tensors, losses, couplingLosses, population } = await train(
        openNamed(backendName),
        name,
      );
      expectAllclose(
        couplingLosses,
        tensors.get("coupling")!,
        { rtol: 1e-4, atol: 1e-5 },
        "coupling",
      );
      expectAllclose(losses, tensors.get("losses")!, { rtol: 1e-4 }, "loss");
      for (const [i, member] of population.members.entries()) {
        const end = tensors.get(`end.${i}`)!;
        expectAllclose(
          linearOf(member).parameters.encoder!.parameter,
          end,
          { rtol: 1e-3, atol: 1e-3 },
          `W${i}`,
        );
      }
    },
  );
});

test("a random subset of pairs pulls as strongly on average, and refreshing seldom matches seldom", async () => {
  const backend = openNamed("reference");
  const all = await train(backend, "hungarian");
  const some = await train(backend, "hungarian", { pairsPerStep: 1 });
  const seldom = await train(backend, "hungarian", { refreshEvery: 10 });
  expect(Object.values(all.work).reduce((a, b) => a + b)).toBe(3 * STEPS);
  expect(Object.values(some.work).reduce((a, b) => a + b)).toBe(STEPS);
  expect(Object.values(seldom.work).reduce((a, b) => a + b)).toBe((3 * STEPS) / 10);
  const late = (losses: number[]) => losses.slice(-10).reduce((a, b) => a + b) / 10;
  expect(late(some.couplingLosses)).toBeLessThan(2 * late(all.couplingLosses));
});
