/**
 * @file What the evidence of latents costs: next to the language model that makes the rows, and to
 *   read one card of an SAE of 24576 latents.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gatherEvidence } from "../src/analyses/features/gather.ts";
import { rowsAsNumbers } from "../src/analyses/features/held-out-rows.ts";
import { openEvidence } from "../src/analyses/features/open-evidence.ts";
import type { Backend } from "../src/backend/backend.ts";
import { randomStream } from "../src/base/philox.ts";
import { dictionaryOf } from "../src/consistency/matching/dictionary.ts";
import { openModelByName } from "../src/domains/language/models/open-by-name.ts";
import { tokenBatch } from "../src/domains/language/text/token-batch.ts";
import { heldOutRows } from "../src/evidence/evidence-rows.ts";
import { type LookedAt, lookThrough } from "../src/evidence/look-through.ts";
import { nearestAtoms } from "../src/evidence/nearest-atoms.ts";
import { matchPairs } from "../src/evidence/partners.ts";
import { writeEvidence } from "../src/experiments/features/features-of-saes.ts";
import { createPopulation } from "../src/population/create-population.ts";
import type { RowReader } from "../src/sources/source.ts";
import { type BenchLine, median, timed, timing } from "./harness.ts";

const HOOK = "blocks.15.hook_resid_post";
const [WINDOWS, CONTEXT, SAES, D_SAE, K] = [16, 512, 4, 2304, 32];
const WIDE = 24_576;
const CARDS = 200;
/** How often the rows of a run of the model are looked at. */
const REPEATED = 8;
/** Share of the model's own speed that is to be kept, and milliseconds for a card. */
const [SPEED, CARD_MS] = [0.8, 20];

/** Untrained SAEs, ready to be looked at. */
async function untrained(backend: Backend, dIn: number, dSae: number, count: number) {
  const seeds = Array.from({ length: count }, (_, i) => i);
  const options = { dIn, dSae, k: K, lr: 1e-3, seeds, batch: 1024 };
  const { members } = await createPopulation(backend, options);
  const saes = [];
  for (const { name, sae: trainable } of members) {
    const sae = trainable.inference();
    const dictionary = await dictionaryOf(backend, sae.decoder, sae.dSae, sae.dIn);
    saes.push({ name, sae, dictionary, setting: "" });
  }
  return saes;
}

type Saes = Awaited<ReturnType<typeof untrained>>;

function gather(backend: Backend, saes: Saes, rows: RowReader) {
  return gatherEvidence({
    backend,
    saes,
    maker: rowsAsNumbers({ heldOut: rows, dIn: saes[0]!.sae.dIn }, rows.rows),
    kind: "arrays",
    unit: "rows",
    around: 10,
    seed: 0,
    known: [],
    leftOut: [],
    trueFeatures: undefined,
    pause: async () => {},
    onCompared: () => {},
    onRows: () => {},
  });
}

const readerOf = (data: Float32Array, dIn: number): RowReader => ({
  rows: data.length / dIn,
  read: async (start, out) => out.set(data.subarray(start * dIn, start * dIn + out.length)),
});

/** The same rows several times: the first thousands of a pass fill what it keeps. */
function repeatedRows(data: Float32Array, dIn: number): RowReader {
  const rows = data.length / dIn;
  return {
    rows: REPEATED * rows,
    read: async (start, out) => {
      for (let i = 0; i < out.length / dIn; i++) {
        const from = ((start + i) % rows) * dIn;
        out.set(data.subarray(from, from + dIn), i * dIn);
      }
    },
  };
}

/**
 * The model's run and the pass over its rows, next to the model alone. What is done once per latent
 * (matching, map, rules, logits) is left out: it does not grow with the rows.
 */
async function besideModel(backend: Backend): Promise<BenchLine> {
  const cacheDir = process.env["CONCORD_CACHE"] ?? resolve(import.meta.dirname, "../.cache");
  const { model } = await openModelByName("smollm2-135m-instruct", { catalogue: { cacheDir } });
  const dIn = await model.width(HOOK);
  const ids = Int32Array.from({ length: WINDOWS * CONTEXT }, (_, i) => (i * 7919) % 40_000);
  const rows = new Float32Array(ids.length * dIn);
  const run = async () => {
    for (let w = 0; w < WINDOWS; w += 2) {
      const batch = tokenBatch(ids.slice(w * CONTEXT, (w + 2) * CONTEXT), 2, CONTEXT);
      rows.set(await model.activations(HOOK, batch), w * CONTEXT * dIn);
    }
  };
  const theirs = await timed(run, { warmup: 1, repeats: 3 });
  const saes = await untrained(backend, dIn, D_SAE, SAES);
  const dictionaries = saes.map(({ dictionary }) => dictionary);
  const nothing = { onCompared: () => {}, pause: async () => {}, known: [] };
  const settings = saes.map(({ setting }) => setting);
  const pairs = await matchPairs(backend, dictionaries, { ...nothing, seed: 0, settings });
  const looking: LookedAt[] = [];
  for (const { sae, dictionary } of saes)
    looking.push({ sae, nearest: await nearestAtoms(backend, dictionary, 8) });
  const repeated = repeatedRows(rows, dIn);
  const evidenceRows = heldOutRows({ heldOut: repeated, dIn }, repeated.rows);
  const look = () =>
    lookThrough(backend, evidenceRows, looking, {
      pairs,
      around: 10,
      seed: 0,
      pause: async () => {},
      onRows: () => {},
    });
  const ours = await timed(look, { warmup: 1, repeats: 3 });
  await model.close();
  const alone = theirs.map((ms) => REPEATED * ms);
  const ratio = median(alone) / (median(alone) + median(ours));
  return {
    name: `features, ${SAES} SAEs in SmolLM2-135M`,
    shape: { tokens: repeated.rows, d_in: dIn, d_sae: D_SAE, k: K },
    threads: availableParallelism(),
    isa: backend.isa,
    ms: timing(ours.map((ms) => ms + median(alone))),
    against: "the model alone",
    against_ms: timing(alone),
    ratio: Number(ratio.toPrecision(4)),
    target: `at least ${SPEED} of the model's own speed`,
    reached: ratio >= SPEED,
  };
}

/** One card of a wide SAE, in a process that has the files open. */
async function oneCard(backend: Backend): Promise<BenchLine> {
  const dIn = 256;
  const [k0, k1] = randomStream(0, "bench/features").key;
  const data = backend.float32(16_384 * dIn);
  await backend.fillRandom({ k0, k1, start: 0, out: data, normal: true });
  const [sae] = await untrained(backend, dIn, WIDE, 1);
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
  try {
    await writeEvidence(folder, await gather(backend, [sae!], readerOf(data, dIn)));
    const evidence = await openEvidence(folder);
    const name = evidence.summary.members[0]!.name;
    let latent = 0;
    const read = async () => {
      latent = (latent + 7919) % WIDE;
      await evidence.card(name, latent);
    };
    const times = await timed(read, { warmup: 10, repeats: CARDS });
    await evidence.close();
    return {
      name: "features, one card",
      shape: { d_sae: WIDE },
      threads: 1,
      isa: backend.isa,
      ms: timing(times),
      target: `at most ${CARD_MS} ms`,
      reached: median(times) <= CARD_MS,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function benchFeatures(backend: Backend): Promise<BenchLine[]> {
  return [await besideModel(backend), await oneCard(backend)];
}
