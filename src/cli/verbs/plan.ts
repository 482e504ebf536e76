/** @file What is typed behind `concord plan`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addPlan(program: Command): void {
  addVerb(program, "plan", {
    group: "runs",
    library: "planRun",
    summary: "say what memory, disk and time a config will take, before it starts",
    examples: [
      ["plan mine.yaml", "a few steps are tried; nothing is written or downloaded"],
      ["plan mine.yaml --set population.d_sae=24576 --json", "another size, for a program"],
    ],
  })
    .argument("<config>", "YAML file")
    .option(
      "--set <key=value>",
      "override a key of the config; repeatable",
      (v: string, all: string[]) => [...all, v],
      [],
    )
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/plan.ts")).plan));
}
