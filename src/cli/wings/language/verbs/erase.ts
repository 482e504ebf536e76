/** @file The command line of `concord erase`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { counts, seed, share } from "../numbers-options.ts";
import { TEXT_COLUMN_OPTION, TEXT_OPTION, textFormatOption } from "../text-options.ts";

export function addErase(program: Command): void {
  addVerb(program, "erase", {
    group: "saes",
    library: "eraseConcept",
    summary: "erase a concept by LEACE, mean difference and SAE latents, and score what is left",
    examples: [
      [
        "erase demo/coupling.weight=0 --text stories15m-samples",
        "the gender of names: accuracy of a probe, and KL, after each erasure",
      ],
    ],
  })
    .argument(
      "<what...>",
      "runs below the folder of runs, folders of SAEs or hf:org/repo/path; the best latents of each are ablated",
    )
    .option("--task <task>", "a task of two answers: pronoun, or a YAML file", "pronoun")
    .option("--pairs <n>", "pairs of prompts measured; as many are fitted to", positiveInteger, 48)
    .option("--latents <n...>", "how many of the best latents (default: 1 2 4 8)", counts)
    .addOption(
      new Option("--tokens <which>", "tokens that are erased: from the name on, or the last alone")
        .choices(["all", "last"])
        .default("all"),
    )
    .option(...TEXT_OPTION)
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
    .option("--max-tokens <n>", "of --text, at most", positiveInteger, 4096)
    .option("--min-accuracy <share>", "refuse a model that does the task less often", share, 0.8)
    .option("--seed <n>", "decides prompts and what is drawn", seed, 0)
    .option("--model <model>", "the model (default: what the SAEs' files say)")
    .option("--hook <name>", "the hook (default: what the SAEs' files say)")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--out <folder>", "write <task>-erasure.json and its figures there")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/erase.ts")).erase));
}
