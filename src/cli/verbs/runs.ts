/** @file The command line of `concord runs`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addRuns(program: Command): void {
  addVerb(program, "runs", {
    group: "runs",
    library: "runOverviews",
    summary: "list the runs in a folder with their metrics",
    examples: [
      ["runs", "the runs in ./runs"],
      ["runs --filter 'k=16' --sort fvu --columns k,lr", "runs of one sparsity, the best first"],
      ["runs --status failed,killed", "runs that need attention"],
      ["runs --root /data/runs --json", "as JSON, for programs"],
    ],
  })
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option(
      "--sort <key>",
      "sort by a property (name, status, steps, changed_at, …), a metric (fvu, l0, …) or a config key (k, coupling.weight); -key sorts in descending order",
    )
    .option(
      "--filter <condition>",
      "only runs that meet a condition: k=16, lr!=0.001, fvu<0.1; repeatable",
      (v: string, before: readonly string[]) => [...before, v],
      [],
    )
    .option("--status <states>", "only runs in these states, separated by commas")
    .option("--columns <keys>", "additional columns, separated by commas: k,lr,l0")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/runs.ts")).runs));
}
