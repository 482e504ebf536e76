/** @file The command line of `concord eval`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { TEXT_COLUMN_OPTION, textFormatOption, textOption } from "../text-options.ts";

export function addEval(program: Command): void {
  addVerb(program, "eval", {
    group: "saes",
    library: "evaluateSaesInModel",
    summary: "measure what SAEs cost the language model that they were trained on",
    examples: [
      ["eval demo/coupling.weight=0 --text stories15m-samples", "the members of a run"],
      [
        "eval my-sae --model gpt2 --hook blocks.6.hook_resid_post --text book.txt --json",
        "any SAE, as SAEBench's core results",
      ],
    ],
  })
    .argument(
      "<what...>",
      "runs and sweeps below the folder of runs, folders of SAEs or hf:org/repo/path on the Hugging Face hub, or folders of such folders",
    )
    .addOption(textOption())
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
    .option("--model <model>", "the model (default: what the SAEs' files say)")
    .option("--hook <name>", "the hook (default: what the SAEs' files say)")
    .option(
      "--context <n>",
      "tokens per window (default: the model's context, at most 1024)",
      positiveInteger,
    )
    .option("--max-tokens <n>", "stop after this many tokens", positiveInteger, 16_384)
    .option(
      "--pass-dimensions <n>",
      "dimensions of largest variance that reconstructions leave as they are (default: none)",
      positiveInteger,
    )
    .option(
      "--with-outliers",
      "also replace rows longer than ten times the median, such as attention sinks (default: they stay as they are)",
    )
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--out <folder>", "write <name>_eval_results.json for each SAE, as SAEBench does")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON: a list of the same objects")
    .action(lazily(async () => (await import("../commands/eval.ts")).evaluateSaes));
}
