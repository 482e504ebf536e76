/** @file What is typed behind `concord run`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

export function addRun(program: Command): void {
  addVerb(program, "run", {
    group: "runs",
    library: "trainRun",
    summary: "train and evaluate what a config describes; lists in it make a sweep",
    examples: [
      ["run configs/quickstart.yaml", "a population on synthetic data"],
      ["run mine.yaml --set 'coupling.weight=[0, 1, 3]' --resume", "a sweep, continued if need be"],
    ],
  })
    .argument("[config]", "YAML file")
    .option("--config <file>", "the same, as the founding code spells it")
    .option(
      "--set <key=value>",
      "override a key of the config; repeatable",
      (v: string, all: string[]) => [...all, v],
      [],
    )
    .option(
      "--resume",
      "continue the run where it stopped; the result is the same bytes as without the stop. More steps (--set training.steps=…) extend it, also when it has finished",
    )
    .option("--name <name>", "name of the run, instead of the config's")
    .option("--offline", "never touch the network")
    .option("--json", "print the results as JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/run.ts")).run));
}
