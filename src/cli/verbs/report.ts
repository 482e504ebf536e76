/** @file What is typed behind `concord report`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addReport(program: Command): void {
  addVerb(program, "report", {
    group: "runs",
    library: "writeRunReport",
    summary: "write report.html of a run; of a sweep, with its summary.json and all its runs",
    examples: [
      ["report quickstart", "a run of ./runs"],
      ["report mine", "a sweep: the folder that its runs are in"],
    ],
  })
    .argument("<run>", "run or sweep: name below the folder of runs, or path")
    .option("--root <folder>", "folder of the runs", "runs")
    .option("--json", "print the paths as JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/report.ts")).report));
}
