/**
 * @file Whether making synthetic activations keeps up with training on them, at the founding setting of Mutual Feature
 * Regularization: d_in 256, 512 features in 12 groups of 42 of which 32 are active, batches of 10 000, two tied top-k members of 512
 * latents, k 32. Run with `npx tsx bench/synthetic.ts`.
 */

import type { Backend } from "../src/backend/backend.ts";
import { openBackend } from "../src/backend/open-backend.ts";
import { allocatePopulation, initialisePopulation } from "../src/population/population.ts";
import { trainPopulation } from "../src/population/train-population.ts";
import { architectureNamed } from "../src/sae/registry.ts";
import type { ActivationStream } from "../src/sources/source.ts";
import { openSyntheticSource } from "../src/sources/synthetic/synthetic-source.ts";

const D_IN = 256;
const D_SAE = 512;
const K = 32;
const MEMBERS = 2;

export interface SyntheticBenchOptions {
  /** Default: the native core with `threads` threads where it is built. */
  readonly backend?: Backend;
  /** Default 2. */
  readonly threads?: number;
  readonly batch?: number;
  readonly repeats?: number;
}

export interface SyntheticBenchResult {
  readonly name: string;
  readonly backend: string;
  readonly shape: string;
  /** Median milliseconds to make one batch, and to take one step on a batch that is there already. */
  readonly sourceMs: number;
  readonly stepMs: number;
  /** Median over the repeats of step over source, timed one after the other; above 1 training waits for nothing. */
  readonly ratio: number;
}

/** Times the source and the training step in turn. */
export async function benchSynthetic(
  options: SyntheticBenchOptions = {},
): Promise<SyntheticBenchResult> {
  const { threads = 2, batch = 10_000, repeats = 30 } = options;
  const backend = options.backend ?? openBackend({ threads }).backend;
  const source = await openSyntheticSource(backend, {
    ...{ generator: "mfr", dIn: D_IN, features: D_SAE, support: "per_sample", seed: 1 },
  });
  const out = backend.float32(batch * D_IN);
  const steps = await training(backend, batch, source.train, repeats + 3);
  const [sourceMs, stepMs]: [number[], number[]] = [[], []];
  for (let repeat = -3; repeat < repeats; repeat++) {
    const start = performance.now();
    await source.train.next(out);
    const made = performance.now();
    await steps.next();
    const end = performance.now();
    // The first ones warm up the compiler.
    if (repeat < 0) continue;
    sourceMs.push(made - start);
    stepMs.push(end - made);
  }
  return {
    name: "synthetic activations against training",
    backend: `${backend.isa}, ${backend.threads} thread(s)`,
    shape: `[${batch}, ${D_IN}] to ${MEMBERS} members of ${D_SAE} latents, k ${K}`,
    sourceMs: medianOf(sourceMs),
    stepMs: medianOf(stepMs),
    ratio: medianOf(stepMs.map((step, i) => step / sourceMs[i]!)),
  };
}

/** Training steps, taken one at a time, on two batches that are made beforehand and served over and over. */
async function training(backend: Backend, batch: number, from: ActivationStream, steps: number) {
  const spec = architectureNamed("topk_tied").spec({ dIn: D_IN, dSae: D_SAE, k: K });
  const adam = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const schedule = { warmupSteps: 0, decayStart: undefined };
  const members = Array.from({ length: MEMBERS }, (_, seed) => ({
    ...{ name: `member ${seed}`, dIn: D_IN, dSae: D_SAE, spec, adam, schedule, seed },
  }));
  const population = allocatePopulation(backend, { dIn: D_IN, batch, members });
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
  return trainPopulation({ population, stream, firstStep: 0, totalSteps: steps, clock });
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(await benchSynthetic()));
