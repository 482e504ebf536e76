/**
 * @file Speed of collecting activations from stories15m at `blocks.3.hook_resid_post`, in tokens per second, by windows per run and by
 * whether idle threads spin. Run with `npx tsx bench/collect.ts [cache folder]`; downloads the model once.
 */

import { resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { encodeModel } from "../src/formats/onnx/messages.ts";
import { prefixUpTo } from "../src/formats/onnx/surgery.ts";
import { resolveModel } from "../src/models/catalogue/catalogue.ts";
import { openCheckpoint } from "../src/models/checkpoint.ts";
import { buildGraph } from "../src/models/families/registry.ts";
import { openLanguageModel } from "../src/models/language-model.ts";
import { tokenBatch } from "../src/models/token-batch.ts";

const HOOK = "blocks.3.hook_resid_post";
const POSITIONS = 256;
const ROUNDS = 6;

/** Token ids without a pattern that a cache could profit from. */
function tokens(batch: number): Int32Array {
  return Int32Array.from({ length: batch * POSITIONS }, (_, i) => 3 + ((i * 7919) % 31_000));
}

interface Candidate {
  readonly name: string;
  readonly batch: number;
  readonly run: () => Promise<unknown>;
}

export interface CollectBenchResult {
  readonly name: string;
  /** Best of several rounds, the candidates taking turns. */
  readonly tokensPerSecond: number;
}

async function race(candidates: readonly Candidate[]): Promise<CollectBenchResult[]> {
  const best = candidates.map(() => 0);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, { batch, run }] of candidates.entries()) {
      await run();
      const start = performance.now();
      await run();
      best[i] = Math.max(best[i]!, (1000 * batch * POSITIONS) / (performance.now() - start));
    }
  return candidates.map(({ name }, i) => ({ name, tokensPerSecond: Math.round(best[i]!) }));
}

/** Times collection with stories15m, which is downloaded into `cacheDir` when it is not there. */
export async function benchCollect(cacheDir: string): Promise<CollectBenchResult[]> {
  const folder = await resolveModel("stories15m", { cacheDir });
  const model = await openLanguageModel(folder);
  const byBatch = await race(
    [1, 2, 4, 8, 16].map((batch) => {
      const ids = tokenBatch(tokens(batch), batch, POSITIONS);
      return { name: `${batch} windows a run`, batch, run: () => model.activations(HOOK, ids) };
    }),
  );
  await model.close();

  const { model: graph } = buildGraph(await openCheckpoint(folder));
  const bytes = encodeModel(prefixUpTo(graph, [HOOK]));
  const input = new Tensor("int32", tokens(4), [4, POSITIONS]);
  const place = { model_external_initializers_file_folder_path: folder };
  const candidates: Candidate[] = [];
  for (const spin of ["0", "1"]) {
    const extra = { session: { ...place, "intra_op.allow_spinning": spin } };
    const session = await InferenceSession.create(bytes, { extra });
    const name = `4 windows, idle threads ${spin === "1" ? "spin" : "sleep"}`;
    candidates.push({ name, batch: 4, run: () => session.run({ input_ids: input }) });
  }
  return [...byBatch, ...(await race(candidates))];
}

if (import.meta.filename === process.argv[1]) {
  const cacheDir = process.argv[2] ?? resolve(import.meta.dirname, "../.cache");
  for (const { name, tokensPerSecond } of await benchCollect(cacheDir))
    console.log(`${name.padEnd(32)} ${tokensPerSecond} tokens/s`);
}
