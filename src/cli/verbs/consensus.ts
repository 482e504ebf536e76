/** @file The command line of `concord consensus`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, cosine, lazily, positiveInteger } from "../verb.ts";

export function addConsensus(program: Command): void {
  addVerb(program, "consensus", {
    group: "saes",
    library: "makeConsensus",
    summary: "merge the latents that several SAEs found into one dictionary, saved as an SAE",
    examples: [
      ["consensus quickstart --min-members 2 --out consensus", "from the members of a run"],
      [
        "consensus quickstart --out consensus --config configs/quickstart.yaml --refit 1000",
        "with an encoder that fits, and evaluated next to the members on held-out rows",
      ],
    ],
  })
    .argument(
      "<what...>",
      "runs and sweeps below the folder of runs, folders of SAEs or hf:org/repo/path on the Hugging Face hub, or folders of such folders",
    )
    .requiredOption(
      "--out <folder>",
      "folder for the SAE, and groups.csv with the members of each latent",
    )
    .option(
      "--min-members <n>",
      "least number of SAEs that must contain a latent",
      positiveInteger,
      2,
    )
    .option("--tau <cosine>", "least cosine of any two latents of a group", cosine, 0.7)
    .option(
      "--latents <n>",
      "most latents to keep: those in most SAEs first, then the most similar",
      positiveInteger,
    )
    .option(
      "--fill",
      "fill it up with latents of the first SAE: to --latents, or else to the width of that SAE",
    )
    .option("--config <file>", "config whose source has the rows to evaluate all SAEs on")
    .option(
      "--refit <steps>",
      "train the averaged encoder for this many steps on the config's rows, with batch and lr of the config; the atoms stay",
      positiveInteger,
    )
    .option(
      "--train-atoms",
      "let --refit move the atoms too: it reconstructs better, but atoms are then not averages any more",
    )
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/consensus.ts")).consensus));
}
