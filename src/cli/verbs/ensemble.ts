/** @file The command line of `concord ensemble`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../verb.ts";

const OUT = "folder for ensemble.json, and the SAE folder of each member below members/";

export function addEnsemble(program: Command): void {
  const ensemble = addVerb(program, "ensemble", {
    group: "saes",
    summary: "combine SAEs into an ensemble: a bag, or a boosted chain",
    examples: [["ensemble bag quickstart --out bag", "the mean of the members of a run"]],
  });

  addVerb(ensemble, "bag", {
    group: "saes",
    library: "makeBag",
    summary: "combine trained SAEs: the reconstruction is the mean of theirs",
    examples: [
      ["ensemble bag quickstart --out bag", "the members of a run"],
      [
        "ensemble bag quickstart --out bag --config configs/quickstart.yaml",
        "evaluated next to the members, on held-out rows",
      ],
    ],
  })
    .argument(
      "<what...>",
      "runs and sweeps below the folder of runs, folders of SAEs, or folders of such folders",
    )
    .requiredOption("--out <folder>", `${OUT}; also sae/ where the bag is one SAE`)
    .option("--config <file>", "config whose source has the rows to evaluate on")
    .option("--root <folder>", "folder that contains the runs", "runs")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/ensemble.ts")).bag));

  addVerb(ensemble, "boost", {
    group: "saes",
    library: "boost",
    summary: "train a chain of SAEs, each on what the former ones leave of the rows",
    examples: [
      [
        "ensemble boost configs/quickstart.yaml --stages 3 --out boosted --set population.members=1 --set population.independent=0",
        "three runs, quickstart-stage-1 to quickstart-stage-3, and their ensemble",
      ],
    ],
  })
    .argument("<config>", "YAML file of one run with one member")
    .requiredOption(
      "--stages <n>",
      "runs to train, one after the other; 2 at least",
      positiveInteger,
    )
    .requiredOption("--out <folder>", OUT)
    .option(
      "--set <key=value>",
      "override a key of the config; repeatable",
      (v: string, all: string[]) => [...all, v],
      [],
    )
    .option("--name <name>", "name of the runs, before -stage-1, instead of the config's")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .addHelpText(
      "after",
      "\nFinished stages are reused, and interrupted ones continued, when the command is run again.",
    )
    .action(lazily(async () => (await import("../commands/ensemble.ts")).boostChain));
}
