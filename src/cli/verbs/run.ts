/** @file The command line of `concord run`: arguments, options and examples. */

import type { Command } from "commander";
import { addJobOptions } from "../job-options.ts";
import { addVerb, lazily, positiveInteger, repeated, wholeNumber } from "../verb.ts";

export function addRun(program: Command): void {
  const run = addVerb(program, "run", {
    group: "runs",
    library: "trainRun",
    summary: "train and evaluate the population of a config; lists in the config make a sweep",
    examples: [
      ["run configs/quickstart.yaml", "a population on synthetic data"],
      [
        "run mine.yaml --set 'coupling.weight=[0, 1, 3]' --resume",
        "a sweep, continued if it was interrupted",
      ],
      [
        "run mine.yaml --on slurm --job partition=long",
        "the same, a job of a cluster for each run",
      ],
      [
        "run mine.yaml --ranks 3 --rank 1 --interface eth0",
        "one SAE by three machines together; this is the second (docs/data-parallel.md)",
      ],
    ],
  })
    .argument("[config]", "YAML file")
    .option("--config <file>", "the same, for scripts that pass the config as an option")
    .option("--set <key=value>", "override a key of the config; repeatable", repeated, [])
    .option(
      "--resume",
      "continue a run that stopped; it ends with the same bytes as an uninterrupted one. More steps (--set training.steps=…) extend it, even after it has finished",
    )
    .option("--name <name>", "name of the run, instead of the config's")
    .option("--offline", "do not use the network")
    .option("--json", "print only the results, as JSON")
    .option(
      "--ranks <n>",
      "share every step among n processes. Without --rank, and outside of Slurm, all of them are started here",
      positiveInteger,
    )
    .option(
      "--rank <i>",
      "which of them this process is, from 0. Default under srun: SLURM_PROCID",
      wholeNumber,
    )
    .option(
      "--interface <name>",
      "network interface to the other ranks, or its address. Default: the only one",
    )
    .option(
      "--timeout <seconds>",
      "how long a rank waits for another before it gives up (default: 600)",
      positiveInteger,
    )
    .option("--dry-run", "with --on: print what would be handed out, and write nothing");
  addJobOptions(run).action(lazily(async () => (await import("../commands/run.ts")).run));
}
