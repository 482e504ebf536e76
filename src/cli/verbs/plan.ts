/** @file The command line of `concord plan`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addPlan(program: Command): void {
  addVerb(program, "plan", {
    group: "runs",
    library: "planRun",
    summary: "predict the memory, disk and time of a config before it starts",
    examples: [
      ["plan mine.yaml", "times a few steps; writes and downloads nothing"],
      ["plan mine.yaml --set population.d_sae=24576 --json", "another size, as JSON for programs"],
    ],
  })
    .argument("<config>", "YAML file")
    .option(
      "--set <key=value>",
      "override a key of the config; repeatable",
      (v: string, all: string[]) => [...all, v],
      [],
    )
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/plan.ts")).plan));
}
