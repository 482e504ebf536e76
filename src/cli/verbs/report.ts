/** @file The command line of `concord report`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addReport(program: Command): void {
  addVerb(program, "report", {
    group: "runs",
    library: "writeRunReport",
    summary: "write report.html of a run, or of a sweep and all its runs, with summary.json",
    examples: [
      ["report quickstart", "a run in ./runs"],
      ["report mine", "a sweep, by the folder of its runs"],
      ["report quickstart --static", "a folder with the page of concord serve, to hand on"],
    ],
  })
    .argument("<run>", "run or sweep: a name in the folder of runs, or a path")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option(
      "--static",
      "instead, write page/: what concord serve shows, as a folder that opens without a server",
    )
    .option("--json", "print only the paths, as JSON")
    .action(lazily(async () => (await import("../commands/report.ts")).report));
}
