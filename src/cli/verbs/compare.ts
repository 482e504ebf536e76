/** @file The command line of `concord compare`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, cosine, lazily } from "../verb.ts";

export function addCompare(program: Command): void {
  addVerb(program, "compare", {
    group: "saes",
    library: "compareFolders",
    summary:
      "report which features SAEs agree on: every pair and every latent, next to their nulls",
    examples: [
      ["compare quickstart", "the members of a run"],
      ["compare a b --out agreement", "all members of two runs; tables for scripts in agreement/"],
      [
        "compare sae-1 sae-2 saelens-sae --json",
        "folders that Concord, SAELens, dictionary_learning, sparsify or Gemma Scope saved",
      ],
      ["compare a b --latent a/member-0:17", "one latent, and what it is in every other SAE"],
    ],
  })
    .argument(
      "<what...>",
      "runs and sweeps below the folder of runs, folders of SAEs, or folders of such folders",
    )
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option(
      "--tau <cosine>",
      "cosine from which a latent counts as found in another SAE",
      cosine,
      0.7,
    )
    .option(
      "--rows <path...>",
      "array files, or the folder of a store: rows that all SAEs encode, to compare their codes",
    )
    .option(
      "--latent <sae:index>",
      "only this latent: its nearest atoms in every other SAE, and how few rebuild it. An index alone is one of the first SAE",
    )
    .option(
      "--any-size",
      "also match by |cosine| and by distance above 2^26 pairs of atoms, which takes ten times as long as the rest",
    )
    .option(
      "--out <folder>",
      "write report.html, comparison.json, and latents.csv and latents.safetensors with a line per latent",
    )
    .option(
      "--write-metadata",
      "write what was found of its latents into the folder of every SAE, beside the weights",
    )
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/compare.ts")).compare));
}
