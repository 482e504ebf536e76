/**
 * @file A step of Mutual Feature Regularization at the published settings, every pair matched
 *   exactly at every step, against the MFR authors' operations in PyTorch and SciPy
 *   (bench/peers/mfr_step.py).
 *
 * Activations: MLP-like, 1536 features of unit length in 768 dimensions with a few active a row
 * (the synthetic source), because training on noise matches nothing. The peer's cost does not
 * depend on the data but for its assignments.
 */

import type { Backend } from "../src/backend/backend.ts";
import { openSyntheticSource } from "../src/domains/synthetic/synthetic-source.ts";
import { MFR_DEFAULTS, MutualFeatureRegularization } from "../src/population/couplings/mfr.ts";
import { createPopulation } from "../src/population/create-population.ts";
import { trainPopulation } from "../src/population/train-population.ts";
import { againstPeers, type BenchLine, median } from "./harness.ts";

export interface MfrSetting {
  readonly name: string;
  readonly members: number;
  readonly dIn: number;
  readonly dSae: number;
  readonly k: number;
  readonly batch: number;
  readonly weight: number;
  readonly lr: number;
  /** Steps taken before the clock starts. */
  readonly skip: number;
  readonly steps: number;
  readonly peerSteps: number;
  readonly target: number;
}

export const MFR_SETTINGS: readonly MfrSetting[] = [
  {
    name: "mfr-gpt2",
    members: 10,
    dIn: 768,
    dSae: 3072,
    k: 6,
    batch: 500,
    weight: 0.005,
    lr: 1e-3,
    skip: 50,
    steps: 16,
    peerSteps: 1,
    target: 100,
  },
  {
    name: "mfr-synthetic",
    members: 2,
    dIn: 256,
    dSae: 512,
    k: 32,
    batch: 10_000,
    weight: 3,
    lr: 1e-2,
    skip: 50,
    steps: 15,
    peerSteps: 5,
    target: 6,
  },
];

export async function benchMfrStep(backend: Backend, s: MfrSetting): Promise<BenchLine[]> {
  const seeds = Array.from({ length: s.members }, (_, i) => i);
  const options = {
    architecture: "topk_tied",
    dIn: s.dIn,
    dSae: s.dSae,
    k: s.k,
    lr: s.lr,
    seeds,
    batch: s.batch,
  };
  const population = await createPopulation(backend, options);
  const coupling = new MutualFeatureRegularization(population, {
    ...MFR_DEFAULTS,
    weight: s.weight,
    seed: 0,
  });
  const source = await openSyntheticSource(backend, {
    generator: "mfr",
    dIn: s.dIn,
    features: 2 * s.dIn,
    support: "per_sample",
  });
  const steps = trainPopulation({
    population,
    stream: source.train,
    coupling,
    firstStep: 0,
    totalSteps: 1e9,
    clock: () => performance.now(),
  });
  const spent: Record<string, number[]> = { source: [], coupling: [], members: [] };
  const work: Record<string, number> = {};
  const take = async (count: number, keep: boolean): Promise<number[]> => {
    const ms: number[] = [];
    for (let i = 0; i < count; i++) {
      const { value } = await steps.next();
      if (!value || !keep) continue;
      ms.push(value.timing.total);
      for (const stage of Object.keys(spent)) spent[stage]!.push(value.timing[stage as "source"]);
      for (const [kind, n] of Object.entries(value.couplingWork))
        work[kind] = (work[kind] ?? 0) + Number(n);
    }
    return ms;
  };
  await take(s.skip, false);
  const args = { members: s.members, "d-in": s.dIn, "d-sae": s.dSae, k: s.k, batch: s.batch };
  const shape = { members: s.members, d_in: s.dIn, d_sae: s.dSae, k: s.k, batch: s.batch };
  const lines = await againstPeers(
    () => take(s.steps, true),
    { name: s.name, shape, threads: backend.threads, isa: backend.isa },
    "mfr_step.py",
    { ...args, weight: s.weight, lr: s.lr, steps: s.peerSteps, threads: backend.threads },
    () => s.target,
  );
  await steps.return(undefined);
  const stages = Object.fromEntries(
    Object.entries(spent).map(([k, v]) => [k, Number(median(v).toPrecision(4))]),
  );
  return lines.map((line) => ({ ...line, stages, matchings: work }));
}
