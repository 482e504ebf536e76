/** @file The command line of `concord compare`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, cosine, lazily, positiveInteger } from "../verb.ts";

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
        "folders that Concord, SAELens, dictionary_learning, sparsify, Gemma Scope or OpenAI saved",
      ],
      [
        "compare layer-2 layer-3 --text stories15m-samples",
        "SAEs of different places, by what their latents do on the same tokens",
      ],
      [
        "compare a b --store a=acts-a b=acts-b --align",
        "models that cut text into other tokens, where tokens of both end",
      ],
      [
        "compare a b --rows a=x.npy --rows b=y.npy",
        "rows of the same things, in the same order, of each one's own place",
      ],
      ["compare a b --latent a/member-0:17", "one latent, and what it is in every other SAE"],
    ],
  })
    .argument(
      "<what...>",
      "runs and sweeps below the folder of runs, folders of SAEs or hf:org/repo/path on the Hugging Face hub, or folders of such folders",
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
      "array files, or the folder of a store: rows that SAEs encode, to compare their codes; name=path is for the SAE or run of that name",
    )
    .option("--store <folder...>", "the same for folders that `concord collect` wrote")
    .option(
      "--text <text>",
      "collect the activations of this text into the cache, for SAEs without rows: a name from `concord models list`, file, folder, or quoted pattern",
    )
    .option("--model <model>", "with --text: the model (default: what each SAE's files say)")
    .option("--hook <name>", "with --text: the hook (default: what each SAE's files say)")
    .option("--context <n>", "with --text: tokens per window", positiveInteger)
    .option("--max-tokens <n>", "with --text: stop after this many tokens", positiveInteger)
    .option(
      "--align",
      "of models that cut a text into other tokens, compare the rows at which a token of all of them ends",
    )
    .option("--offline", "do not use the network")
    .option(
      "--transfer",
      "try SAEs on each other's activations also where they are of one place (default: where places differ)",
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
