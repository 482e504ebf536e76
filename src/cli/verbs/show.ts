/** @file What is typed behind `concord show`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addShow(program: Command): void {
  addVerb(program, "show", {
    group: "runs",
    library: "runDetails",
    summary:
      "show one run in full, or a sweep by its settings: metrics, similarities next to their nulls, files",
    examples: [
      ["show quickstart", "a run of ./runs"],
      ["show mine", "a sweep: mean and interval over seeds of every setting, and its runs"],
      ["show /data/runs/mfr/coupling.weight=3 --json", "by its folder, for another program"],
    ],
  })
    .argument("<run>", "run, sweep or how their names begin, below the folder of runs; or a path")
    .option("--root <folder>", "folder of the runs", "runs")
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/show.ts")).show));
}
