/** @file What is typed behind `concord runs`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addRuns(program: Command): void {
  addVerb(program, "runs", {
    group: "runs",
    library: "runOverviews",
    summary: "list the runs in a folder with their numbers",
    examples: [
      ["runs", "those in ./runs"],
      ["runs --root /data/runs --json", "for another program"],
    ],
  })
    .option("--root <folder>", "folder of the runs", "runs")
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/runs.ts")).runs));
}
