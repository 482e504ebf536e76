/** @file The command line of `concord graph`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { latentNumbers, seed } from "../numbers-options.ts";
import { TEXT_COLUMN_OPTION, textFormatOption, textOption } from "../text-options.ts";

export function addGraph(program: Command): void {
  addVerb(program, "graph", {
    group: "saes",
    library: "ablationGraph",
    summary: "ablate latents of one layer, and measure how those of a later layer change",
    examples: [
      [
        "graph layer-2/saes/member-0 layer-4/saes/member-0 --text stories15m-samples",
        "the 16 most active latents of layer 2, and what depends on each",
      ],
    ],
  })
    .argument("<from>", "SAE of the earlier hook: its folder, or a run of one member")
    .argument("<to>", "SAE of the later hook")
    .addOption(textOption())
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
    .option("--max-tokens <n>", "of --text, at most", positiveInteger, 2048)
    .option(
      "--latents <n...>",
      "latents of the earlier SAE (default: the most active)",
      latentNumbers,
    )
    .option("--most <n>", "without --latents: how many", positiveInteger, 16)
    .option("--edges <n>", "edges kept per latent", positiveInteger, 8)
    .option("--seed <n>", "decides the drawn directions of the control", seed, 0)
    .option("--model <model>", "the model (default: what the SAEs' files say)")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--out <file>", "also write JSON there, and a figure beside it")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/graph.ts")).graph));
}
