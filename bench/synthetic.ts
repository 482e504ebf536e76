/**
 * @file Whether making synthetic activations keeps up with training on them, at the published
 *   setting of Mutual Feature Regularization: d_in 256, 512 features in 12 groups of 42 of which 32
 *   are active, batches of 10 000, two tied top-k members of 512 latents, k 32.
 */

import type { Backend } from "../src/backend/backend.ts";
import { openSyntheticSource } from "../src/domains/synthetic/synthetic-source.ts";
import { allocatePopulation, initialisePopulation } from "../src/population/population.ts";
import { trainPopulation } from "../src/population/train-population.ts";
import type { ActivationStream } from "../src/sources/source.ts";
import { linearMember, linearSpec } from "../test/support/linear.ts";
import { type BenchLine, median, timing } from "./harness.ts";

const [D_IN, D_SAE, K, MEMBERS, BATCH, REPEATS, WARMUP] = [256, 512, 32, 2, 10_000, 30, 3];

/** Times the source and, in turn, a training step on a batch that is there already. */
export async function benchSynthetic(backend: Backend): Promise<BenchLine[]> {
  const source = await openSyntheticSource(backend, {
    generator: "mfr",
    dIn: D_IN,
    features: D_SAE,
    support: "per_sample",
    seed: 1,
  });
  const out = backend.float32(BATCH * D_IN);
  const steps = await training(backend, source.train);
  const [sourceMs, stepMs]: [number[], number[]] = [[], []];
  for (let repeat = -WARMUP; repeat < REPEATS; repeat++) {
    const start = performance.now();
    await source.train.next(out);
    const made = performance.now();
    await steps.next();
    const end = performance.now();
    if (repeat < 0) continue;
    sourceMs.push(made - start);
    stepMs.push(end - made);
  }
  const ratio = median(stepMs.map((step, i) => step / sourceMs[i]!));
  return [
    {
      name: "synthetic source",
      shape: { batch: BATCH, d_in: D_IN, members: MEMBERS, d_sae: D_SAE, k: K },
      threads: backend.threads,
      isa: backend.isa,
      ms: timing(sourceMs),
      against: "the training step that consumes it",
      against_ms: timing(stepMs),
      ratio: Number(ratio.toPrecision(4)),
      target: "faster than the training step consumes it",
      reached: ratio > 1,
    },
  ];
}

/**
 * Training steps, taken one at a time, on two batches that are made beforehand and served over and
 * over.
 */
async function training(backend: Backend, from: ActivationStream) {
  const spec = linearSpec("topk_tied", { dIn: D_IN, dSae: D_SAE, k: K });
  const adam = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const schedule = { warmupSteps: 0, decayStart: undefined };
  const members = Array.from({ length: MEMBERS }, (_, seed) =>
    linearMember({
      name: `member ${seed}`,
      dSae: D_SAE,
      spec,
      adam,
      schedule,
      seed,
    }),
  );
  const population = allocatePopulation(backend, { dIn: D_IN, batch: BATCH, members });
  await initialisePopulation(population);
  const filled = new Set<Float32Array>();
  const stream: ActivationStream = {
    rowsPerPass: undefined,
    async next(x) {
      if (!filled.has(x)) await from.next(x);
      filled.add(x);
    },
    state: () => ({}),
    seek: async () => {},
  };
  const clock = (): number => performance.now();
  return trainPopulation({ population, stream, firstStep: 0, totalSteps: REPEATS + WARMUP, clock });
}
