/**
 * @file Speed of collecting activations: the native engine against onnxruntime, in turn, on the
 *   same weights and tokens. Each line has the floor in operations per token and how much of the
 *   rate of the machine's float32 product is reached. It downloads the models once, into
 *   CONCORD_CACHE if that is set.
 *
 * Floors, in multiply-adds times two per token, for the linear layers and for attention over half
 * of a full window: stories15m up to block 3 of 6, 256 tokens, 8.6 MFLOP. SmolLM2-135M, all 30
 * blocks, 512 tokens, 230 MFLOP. GPT-2 small up to block 6 of 12, 1024 tokens, 110 MFLOP. Weights
 * are read once for every 144 rows, so bytes are not what limits it.
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import { measureBackend } from "../src/backend/measure-backend.ts";
import { resolveModel } from "../src/domains/language/catalogue/catalogue.ts";
import type { LanguageModel } from "../src/domains/language/models/hooked-model.ts";
import { openLanguageModel } from "../src/domains/language/models/language-model.ts";
import { tokenBatch } from "../src/domains/language/text/token-batch.ts";
import { serializeSafetensors } from "../src/formats/safetensors.ts";
import { againstPeers, type BenchLine, median, timed, timing } from "./harness.ts";

interface Case {
  readonly name: string;
  readonly folder: () => Promise<string>;
  readonly hook: string;
  readonly positions: number;
  /** Blocks up to the hook. */
  readonly blocks: number;
  /** Least ratio to onnxruntime. */
  readonly target?: number;
  /** Least ratio to transformers in bfloat16. */
  readonly peerTarget?: number;
}

const ROUNDS = 5;

/** Tokens of one run for each thread: the native engine gives a window to one thread. */
const TOKENS_PER_THREAD = 1024;

/** A GPT-2 small of seven blocks with random weights, in a folder that is removed afterwards. */
async function gpt2Shape(backend: Backend, folder: string): Promise<void> {
  const [d, vocabulary, context, blocks] = [768, 50257, 1024, 7];
  const config = {
    model_type: "gpt2",
    n_embd: d,
    n_head: 12,
    n_layer: blocks,
    n_positions: context,
    vocab_size: vocabulary,
  };
  const shapes: [string, readonly number[]][] = [
    ["wte.weight", [vocabulary, d]],
    ["wpe.weight", [context, d]],
    ["ln_f.weight", [d]],
    ["ln_f.bias", [d]],
  ];
  for (let b = 0; b < blocks; b++)
    shapes.push(
      [`h.${b}.ln_1.weight`, [d]],
      [`h.${b}.ln_1.bias`, [d]],
      [`h.${b}.attn.c_attn.weight`, [d, 3 * d]],
      [`h.${b}.attn.c_attn.bias`, [3 * d]],
      [`h.${b}.attn.c_proj.weight`, [d, d]],
      [`h.${b}.attn.c_proj.bias`, [d]],
      [`h.${b}.ln_2.weight`, [d]],
      [`h.${b}.ln_2.bias`, [d]],
      [`h.${b}.mlp.c_fc.weight`, [d, 4 * d]],
      [`h.${b}.mlp.c_fc.bias`, [4 * d]],
      [`h.${b}.mlp.c_proj.weight`, [4 * d, d]],
      [`h.${b}.mlp.c_proj.bias`, [d]],
    );
  const tensors = new Map();
  for (const [i, [name, shape]] of shapes.entries()) {
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
    await backend.fillRandom({ k0: 1, k1: i, start: 0, out: data, normal: true, scale: 0.02 });
    if (/ln_\w+\.weight/.test(name)) data.fill(1);
    tensors.set(name, { dtype: "float32", shape, data });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(join(folder, "model.safetensors"), serializeSafetensors(tensors));
}

/** Operations per token up to a hook after `blocks` blocks. */
function floorOf({ facts }: LanguageModel, { blocks, positions }: Case): number {
  const { family, dModel, dMlp, heads, keyValueHeads, dHead } = facts as Required<typeof facts>;
  const attention = dModel * dHead * (2 * heads + 2 * keyValueHeads);
  const matrices = family === "gpt2" ? 2 : 3;
  const scores = positions * heads * dHead;
  return 2 * blocks * (attention + matrices * dModel * dMlp + scores);
}

/** The largest difference as a share of the root mean square. */
function differenceOf(rows: Float32Array, expected: Float32Array): number {
  let [worst, squares] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    worst = Math.max(worst, Math.abs(rows[i]! - expected[i]!));
    squares += expected[i]! ** 2;
  }
  return worst / Math.sqrt(squares / rows.length);
}

async function benchCase(backend: Backend, one: Case, gflops: number): Promise<BenchLine[]> {
  const { name, hook, positions, target } = one;
  const folder = await one.folder();
  const { threads } = backend;
  const native = await openLanguageModel(folder, { threads, forward: backend });
  const onnx = await openLanguageModel(folder, { threads });
  const count = threads * TOKENS_PER_THREAD;
  const batch = count / positions;
  const ids = Int32Array.from({ length: count }, (_, i) => 3 + ((i * 7919) % 31_000));
  const tokens = tokenBatch(ids, batch, positions);
  const engines = [native, onnx].map((model) => ({
    model,
    ms: [] as number[],
    cpu: [] as number[],
  }));
  const difference = differenceOf(
    await native.activations(hook, tokens),
    await onnx.activations(hook, tokens),
  );
  for (let round = 0; round < ROUNDS; round++)
    for (const { model, ms, cpu } of engines) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      await model.activations(hook, tokens);
      const { user, system } = process.cpuUsage(before);
      ms.push(performance.now() - start);
      cpu.push((user + system) / 1000);
    }
  const floor = floorOf(native, one);
  const shape = { batch, positions, blocks: one.blocks };
  const line = { name: `collect, ${name}`, shape, threads, isa: backend.isa };
  const peers: BenchLine[] = [];
  const run = () => native.activations(hook, tokens);
  if (process.env["CONCORD_PEERS"])
    for (const dtype of ["float32", "bfloat16"])
      peers.push(
        ...(await againstPeers(
          () => timed(run, { warmup: 0, repeats: 2 }),
          line,
          "collect.py",
          { folder, blocks: one.blocks, batch, positions, dtype, threads },
          () => (dtype === "bfloat16" ? one.peerTarget : undefined),
        )),
      );
  await native.close();
  await onnx.close();
  const [ours, theirs] = engines.map(({ ms, cpu }) => ({ ms: median(ms), cpu: median(cpu) }));
  const ratio = theirs!.ms / ours!.ms;
  const againstOnnx = {
    ...line,
    ms: timing(engines[0]!.ms),
    against: "onnxruntime-node",
    against_ms: timing(engines[1]!.ms),
    ratio: Number(ratio.toPrecision(4)),
    processor_ratio: Number((theirs!.cpu / ours!.cpu).toPrecision(4)),
    tokens_per_second: Math.round((1000 * count) / ours!.ms),
    against_tokens_per_second: Math.round((1000 * count) / theirs!.ms),
    tokens_per_processor_second: Math.round((1000 * count) / ours!.cpu),
    floor_mflop_per_token: Number((floor / 1e6).toPrecision(4)),
    share_of_gemm_rate: Number(((floor * count) / ours!.ms / 1e6 / gflops).toPrecision(3)),
    largest_difference: Number(difference.toPrecision(2)),
    ...(target === undefined
      ? {}
      : { target: `ratio of at least ${target}`, reached: ratio >= target }),
  };
  return [againstOnnx, ...peers];
}

export async function benchCollect(backend: Backend): Promise<BenchLine[]> {
  const cacheDir = process.env["CONCORD_CACHE"] ?? resolve(import.meta.dirname, "../.cache");
  const made = join(tmpdir(), `concord-bench-gpt2-${process.pid}`);
  const cases: readonly Case[] = [
    {
      name: "stories15m",
      folder: () => resolveModel("stories15m", { cacheDir }),
      hook: "blocks.3.hook_resid_post",
      positions: 256,
      blocks: 4,
      target: 2,
    },
    {
      name: "smollm2-135m, all blocks",
      folder: () => resolveModel("smollm2-135m-instruct", { cacheDir }),
      hook: "blocks.29.hook_resid_post",
      positions: 512,
      blocks: 30,
    },
    {
      name: "gpt2's shape, random weights",
      folder: async () => {
        await gpt2Shape(backend, made);
        return made;
      },
      hook: "blocks.6.hook_resid_post",
      positions: 1024,
      blocks: 7,
      peerTarget: 1.3,
    },
  ];
  const { gemm } = await measureBackend(backend, () => performance.now());
  const lines: BenchLine[] = [];
  try {
    for (const one of cases) lines.push(...(await benchCase(backend, one, gemm.gflops)));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return lines;
}
