/**
 * @file What `concord eval` adds to the time that the model itself needs. Four SAEs at the middle
 *   of SmolLM2-135M are compared with the same runs of the model alone: one up to the hook, and
 *   one from there on for the activations, each SAE, zeros and the mean.
 */

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import { spliceSaes } from "../src/domains/language/evaluate/splice-saes.ts";
import { openModelByName } from "../src/domains/language/models/open-by-name.ts";
import { tokenBatch } from "../src/domains/language/text/token-batch.ts";
import { createPopulation } from "../src/population/create-population.ts";
import { type BenchLine, median, timed, timing } from "./harness.ts";

const HOOK = "blocks.15.hook_resid_post";
const [WINDOWS, CONTEXT, SAES, D_SAE, K] = [4, 512, 4, 2304, 32];
const ROUNDS = 3;

/** Share of the model's own speed that is to be kept. */
const TARGET = 0.8;

export async function benchEval(backend: Backend): Promise<BenchLine[]> {
  const cacheDir = process.env["CONCORD_CACHE"] ?? resolve(import.meta.dirname, "../.cache");
  const { model } = await openModelByName("smollm2-135m-instruct", { catalogue: { cacheDir } });
  const ids = Int32Array.from({ length: WINDOWS * CONTEXT }, (_, i) => (i * 7919) % 40_000);
  const packed = {
    contextLength: CONTEXT,
    windows: WINDOWS,
    ids,
    lengths: new Int32Array(WINDOWS).fill(CONTEXT),
    documentOf: new Int32Array(ids.length),
    specialIds: new Set<number>(),
  };
  const dIn = await model.width(HOOK);
  const seeds = Array.from({ length: SAES }, (_, i) => i);
  const options = { dIn, dSae: D_SAE, k: K, lr: 1e-3, seeds, batch: 1024 };
  const { members } = await createPopulation(backend, options);
  const saes = members.map(({ name, sae }) => ({ name, sae: sae.inference() }));
  const batches = [0, 2].map((from) =>
    tokenBatch(ids.slice(from * CONTEXT, (from + 2) * CONTEXT), 2, CONTEXT),
  );
  const spliced = model.spliced(HOOK);
  const alone = async () => {
    for (const batch of batches) {
      const activations = await model.activations(HOOK, batch);
      for (let run = 0; run < SAES + 3; run++) await spliced.crossEntropy(batch, activations);
    }
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const warmup = round === 0 ? 1 : 0;
    theirs.push(...(await timed(alone, { warmup, repeats: 1 })));
    const evaluate = () => spliceSaes(backend, { model, hook: HOOK, packed, saes });
    ours.push(...(await timed(evaluate, { warmup, repeats: 1 })));
  }
  await model.close();
  const ratio = median(theirs) / median(ours);
  return [
    {
      name: `eval, ${SAES} SAEs in SmolLM2-135M`,
      shape: { tokens: ids.length, d_in: dIn, d_sae: D_SAE, k: K },
      threads: availableParallelism(),
      isa: backend.isa,
      ms: timing(ours),
      against: "the model alone",
      against_ms: timing(theirs),
      ratio: Number(ratio.toPrecision(4)),
      target: `at least ${TARGET} of the model's own speed`,
      reached: ratio >= TARGET,
    },
  ];
}
