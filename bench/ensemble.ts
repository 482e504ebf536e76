/**
 * @file A step of 16 tied SAEs on one stream, next to a step of each in a run of its own, in turn.
 *   Rows come from a store of float16, as a run reads them, so what a population shares is reading.
 *   The peer stacks 16 SAEs and takes gradients through torch.func.vmap, as HoagyC/sparse_coding
 *   trains its ensembles (bench/peers/ensemble.py).
 *
 * Rows are features of the synthetic source, and some steps are taken before the clock starts,
 * because a ReLU that has learnt nothing activates half of its latents.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import { openSyntheticSource } from "../src/domains/synthetic/synthetic-source.ts";
import { createPopulation } from "../src/population/create-population.ts";
import { trainPopulation } from "../src/population/train-population.ts";
import { openShardSource } from "../src/sources/shards/shard-source.ts";
import { openShardWriter } from "../src/sources/shards/shard-writer.ts";
import { againstPeers, type BenchLine, median, timing } from "./harness.ts";

const [MEMBERS, D_IN, D_SAE, BATCH] = [16, 512, 1024, 2048];
const [ROWS, SKIP, STEPS, ROUNDS] = [2 ** 17, 60, 5, 3];

/** Steps of the peer, the first two of which do not count. */
const PEER_STEPS = 4;

/** Issue 14: a step of 16 members against 16 steps of one, and the peer against ours. */
const [SHARE, TIMES] = [0.9, 4];

/** L1 coefficients of the founding sweep, logspace(−4, −2, 16). */
const coefficient = (i: number) => 10 ** (-4 + (2 * i) / (MEMBERS - 1));

async function writeStore(folder: string, backend: Backend): Promise<void> {
  const source = await openSyntheticSource(backend, {
    generator: "mfr",
    dIn: D_IN,
    features: 2 * D_IN,
    support: "per_sample",
  });
  const provenance = { kind: "bench" };
  const writer = await openShardWriter({ folder, dIn: D_IN, dtype: "float16", provenance });
  const rows = backend.float32(BATCH * D_IN);
  for (let at = 0; at < ROWS; at += BATCH) {
    await source.train.next(rows);
    await writer.append(rows);
  }
  await writer.finish();
}

/** Members with these numbers in training on the store; each call takes some steps. */
async function training(backend: Backend, folder: string, numbers: readonly number[]) {
  const source = await openShardSource({ folder, kernels: backend });
  const population = await createPopulation(backend, {
    architecture: "relu_tied",
    dIn: D_IN,
    dSae: D_SAE,
    lr: 1e-3,
    seeds: numbers,
    batch: BATCH,
    l1: coefficient(numbers[0]!),
  });
  const steps = trainPopulation({
    population,
    stream: source.train,
    coupling: undefined,
    firstStep: 0,
    totalSteps: 1e9,
    clock: () => performance.now(),
  });
  return {
    /** Milliseconds of each step. */
    async take(count: number): Promise<number[]> {
      const ms: number[] = [];
      for (let i = 0; i < count; i++) {
        const { value } = await steps.next();
        if (value) ms.push(value.timing.total);
      }
      return ms;
    },
    async close() {
      await steps.return(undefined);
      await source.close();
    },
  };
}

export async function benchEnsemble(backend: Backend): Promise<BenchLine[]> {
  const folder = await mkdtemp(join(tmpdir(), "concord-bench-ensemble-"));
  try {
    await writeStore(folder, backend);
    const together = await training(
      backend,
      folder,
      Array.from({ length: MEMBERS }, (_, i) => i),
    );
    const alone = await training(backend, folder, [0]);
    await together.take(SKIP);
    await alone.take(SKIP);
    const ours: number[] = [];
    const single: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(...(await together.take(STEPS)));
      single.push(...(await alone.take(STEPS * 2)));
    }
    const shape = { members: MEMBERS, d_in: D_IN, d_sae: D_SAE, batch: BATCH };
    const line = { shape, threads: backend.threads, isa: backend.isa };
    const share = median(ours) / (MEMBERS * median(single));
    const runs = {
      ...line,
      name: "ensemble, one stream",
      ms: timing(ours),
      against: `${MEMBERS} runs of one member`,
      against_ms: timing(single.map((ms) => MEMBERS * ms)),
      ratio: Number((1 / share).toPrecision(4)),
      share: Number(share.toPrecision(4)),
      target: `at most ${SHARE} of the time`,
      reached: share <= SHARE,
    };
    const peers = await againstPeers(
      () => together.take(STEPS),
      { ...line, name: "ensemble, vmap" },
      "ensemble.py",
      {
        members: MEMBERS,
        "d-in": D_IN,
        "d-sae": D_SAE,
        batch: BATCH,
        steps: PEER_STEPS,
        threads: backend.threads,
      },
      () => TIMES,
    );
    await together.close();
    await alone.close();
    const rate = (MEMBERS * BATCH * 1000) / median(ours);
    return [runs, ...peers].map((one) => ({ ...one, sae_tokens_per_second: Math.round(rate) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
