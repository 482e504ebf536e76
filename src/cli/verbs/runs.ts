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
      ["runs --filter 'k=16' --sort fvu --columns k,lr", "of one sparsity, the best first"],
      ["runs --status failed,killed", "those to look after"],
      ["runs --root /data/runs --json", "for another program"],
    ],
  })
    .option("--root <folder>", "folder of the runs", "runs")
    .option(
      "--sort <key>",
      "by a fact (name, status, steps, changed_at, …), a metric (fvu, l0, …) or a config key (k, coupling.weight); -key: from the largest down",
    )
    .option(
      "--filter <condition>",
      "only runs of which a key is so: k=16, lr!=0.001, fvu<0.1; repeatable",
      (v: string, before: readonly string[]) => [...before, v],
      [],
    )
    .option("--status <states>", "only runs in these states, with commas between them")
    .option("--columns <keys>", "further columns, with commas between them: k,lr,l0")
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/runs.ts")).runs));
}
