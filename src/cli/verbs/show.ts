/** @file The command line of `concord show`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addShow(program: Command): void {
  addVerb(program, "show", {
    group: "runs",
    library: "runDetails",
    summary:
      "show a run in full, or a sweep by settings: metrics, similarities next to their nulls, files",
    examples: [
      ["show quickstart", "a run in ./runs"],
      ["show mine", "a sweep: mean and interval over seeds per setting, and its runs"],
      ["show /data/runs/mfr/coupling.weight=3 --json", "by its folder, as JSON for programs"],
    ],
  })
    .argument("<run>", "run or sweep: a name or its beginning in the folder of runs, or a path")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/show.ts")).show));
}
