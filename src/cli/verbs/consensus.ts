/** @file The command line of `concord consensus`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, cosine, lazily, positiveInteger } from "../verb.ts";

export function addConsensus(program: Command): void {
  addVerb(program, "consensus", {
    group: "saes",
    library: "makeConsensus",
    summary: "one dictionary of the latents that several SAEs found, saved as an SAE",
    examples: [
      ["consensus quickstart --min-members 2 --out consensus", "of the members of a run"],
      [
        "consensus quickstart --out consensus --config configs/quickstart.yaml",
        "judged next to the members, on rows that they were not trained on",
      ],
    ],
  })
    .argument(
      "<what...>",
      "runs and sweeps below the folder of runs, folders of SAEs, or folders of such folders",
    )
    .requiredOption("--out <folder>", "the SAE, and groups.csv with what each latent is made of")
    .option("--min-members <n>", "least number of SAEs that a latent is in", positiveInteger, 2)
    .option("--tau <cosine>", "least cosine of any two latents of a group", cosine, 0.7)
    .option(
      "--latents <n>",
      "keep so many: those in most SAEs, then the most alike",
      positiveInteger,
    )
    .option("--config <file>", "config whose source has the rows to judge all SAEs on")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--offline", "use no network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/consensus.ts")).consensus));
}
