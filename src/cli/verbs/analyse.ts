/** @file The command line of `concord analyse`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addAnalyse(program: Command): void {
  addVerb(program, "analyse", {
    group: "runs",
    library: "analyseRun",
    summary: "run analyses on a finished run, and add them to its results and report",
    examples: [
      ["analyse quickstart agreement", "compare the members of a run again"],
      [
        "analyse mine evaluation agreement --base configs",
        "with paths of its config relative to configs/",
      ],
    ],
  })
    .argument("<run>", "run: name below the folder of runs, or path")
    .argument("<analyses...>", "names of analyses, as `analyses` of a config lists them")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--base <folder>", "folder that paths of the config are relative to", ".")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/analyse.ts")).analyse));
}
