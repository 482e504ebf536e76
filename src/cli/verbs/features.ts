/** @file The command lines of `concord features` and `concord feature`. */

import { type Command, Option } from "commander";
import { EXPORT_FORMATS } from "../../evidence/export/export-formats.ts";
import { addVerb, lazily, positiveInteger, wholeNumber } from "../verb.ts";

export function addFeatures(program: Command): void {
  addVerb(program, "features", {
    group: "runs",
    library: "openEvidence",
    summary: "what latents fire on, and which other SAEs have them: the first ones, or a search",
    examples: [
      [
        "features demo/coupling.weight=0",
        "the latents that recur most, and those that nobody else has",
      ],
      ['features demo/coupling.weight=0 --find " car"', "latents that have to do with a word"],
      [
        "features path/to/sae-a path/to/sae-b --text stories15m-samples --out evidence",
        "SAEs of any program, over a text through their model",
      ],
    ],
  })
    .argument(
      "<what...>",
      "a run below the folder of runs; or folders of SAEs, or a folder that --out wrote",
    )
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--base <folder>", "folder that paths of the run's config are relative to", ".")
    .option("--find <text>", "latents whose number is this, or whose words contain it")
    .option("--member <name>", "with --find and --export: only latents of this member")
    .option("--limit <n>", "with --find: latents, at most (default: 20)", positiveInteger)
    .option("--again", "look through the rows again, also where that was done before")
    .option("--rows <n>", "rows that are looked at, at most (default: 1000000)", positiveInteger)
    .option("--around <n>", "rows shown on each side of an example (default: 10)", wholeNumber)
    .option("--store <folder>", "for SAEs: rows that `concord collect` wrote")
    .option("--text <text>", "for SAEs: a text whose activations are collected into the cache")
    .option("--model <model>", "with --text: the model (default: what the SAEs' files say)")
    .option("--hook <name>", "with --text: the hook (default: what the SAEs' files say)")
    .option("--context <n>", "with --text: tokens per window", positiveInteger)
    .option("--max-tokens <n>", "with --text: stop after this many tokens", positiveInteger)
    .addOption(
      new Option(
        "--export <format>",
        "write all latents of --member (default: the first) to --out, for another program",
      ).choices(EXPORT_FORMATS),
    )
    .option(
      "--out <folder>",
      "for SAEs: folder of the evidence; with --export: folder of the files",
    )
    .option(
      "--source <model/set>",
      "with --export: what Neuronpedia calls the model and the source, as gpt2-small/6-res-jb",
    )
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/features.ts")).features));
}

export function addFeature(program: Command): void {
  addVerb(program, "feature", {
    group: "runs",
    library: "openEvidence",
    summary: "one latent: examples, rules, logits, and its partners in other members",
    examples: [
      ["feature demo/coupling.weight=0 700", "latent 700 of the first member"],
      ["feature demo/coupling.weight=0 member-1:232", "latent 232 of member-1"],
    ],
  })
    .argument("<run>", "run: name below the folder of runs, or path; or a folder of evidence")
    .argument("<latent>", "its number, with the member in front of it: member-1:232")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--examples <n>", "examples of each kind", positiveInteger, 5)
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/feature.ts")).feature));
}
