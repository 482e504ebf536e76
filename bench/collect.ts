/**
 * @file Speed of collecting activations from stories15m at `blocks.3.hook_resid_post`, in tokens
 *   per second, by windows per run and by whether idle threads spin. It downloads the model once,
 *   into CONCORD_CACHE if that is set.
 */

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { resolveModel } from "../src/domains/language/catalogue/catalogue.ts";
import { openCheckpoint } from "../src/domains/language/models/checkpoint.ts";
import { buildGraph } from "../src/domains/language/models/families/registry.ts";
import { openLanguageModel } from "../src/domains/language/models/language-model.ts";
import { tokenBatch } from "../src/domains/language/text/token-batch.ts";
import { encodeModel } from "../src/formats/onnx/messages.ts";
import { prefixUpTo } from "../src/formats/onnx/surgery.ts";
import { type BenchLine, median, timed, timing } from "./harness.ts";

const HOOK = "blocks.3.hook_resid_post";
const POSITIONS = 256;
const ROUNDS = 6;

/** Token ids without a pattern that a cache could exploit. */
function tokens(batch: number): Int32Array {
  return Int32Array.from({ length: batch * POSITIONS }, (_, i) => 3 + ((i * 7919) % 31_000));
}

interface Candidate {
  readonly name: string;
  readonly batch: number;
  readonly run: () => Promise<unknown>;
}

/** Times the candidates in turn, so that other load on the machine affects all of them. */
async function race(candidates: readonly Candidate[]): Promise<BenchLine[]> {
  const ms = candidates.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, { run }] of candidates.entries())
      ms[i]!.push(...(await timed(run, { warmup: 1, repeats: 1 })));
  return candidates.map(({ name, batch }, i) => ({
    name: `collect, ${name}`,
    shape: { batch, positions: POSITIONS },
    threads: availableParallelism(),
    isa: "onnxruntime-node",
    ms: timing(ms[i]!),
    tokens_per_second: Math.round((1000 * batch * POSITIONS) / median(ms[i]!)),
  }));
}

export async function benchCollect(): Promise<BenchLine[]> {
  const cacheDir = process.env["CONCORD_CACHE"] ?? resolve(import.meta.dirname, "../.cache");
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
