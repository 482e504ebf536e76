/** @file The command line of `concord steer`: arguments, options and examples. */

import { type Command, InvalidArgumentError } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { TEXT_COLUMN_OPTION, TEXT_OPTION, textFormatOption } from "../text-options.ts";

function numbers(text: string, before: readonly number[] = []): number[] {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("Expected a number.");
  return [...before, value];
}

export function addSteer(program: Command): void {
  addVerb(program, "steer", {
    group: "saes",
    library: "steerLatent",
    summary: "change a latent in its language model: what it writes then, and what that costs",
    examples: [
      [
        'steer demo/coupling.weight=0 700 --prompt "One day, Tom" --add 5 10 --ablate',
        "the text as it is, with the latent turned up twice, and without it",
      ],
      [
        "steer demo/coupling.weight=0 member-1:232 --text stories15m-samples --clamp 0 5 10 20",
        "KL and perplexity by strength",
      ],
    ],
  })
    .argument("<sae>", "run below the folder of runs, folder of an SAE, or hf:org/repo/path")
    .argument("<latent>", "its number; in a run with the member in front: member-1:232")
    .option("--prompt <text>", "continue this text by the likeliest tokens")
    .option("--tokens <n>", "with --prompt: how many tokens to continue by", positiveInteger, 40)
    .option("--add <value...>", "add so much of its decoder row to every activation", numbers)
    .option("--clamp <value...>", "make its activation this everywhere", numbers)
    .option("--scale <factor...>", "multiply its activation by this factor", numbers)
    .option("--ablate", "take it out: --scale 0")
    .option(...TEXT_OPTION)
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
    .option("--max-tokens <n>", "of --text, at most", positiveInteger, 4096)
    .option("--context <n>", "with --text: tokens per window", positiveInteger)
    .option("--model <model>", "the model (default: what the SAE's files say)")
    .option("--hook <name>", "the hook (default: what the SAE's files say)")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/steer.ts")).steer));
}
