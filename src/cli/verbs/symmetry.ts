/** @file The command line of `concord symmetry`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { addVerb, lazily, positiveInteger, realNumber, wholeNumber } from "../verb.ts";

export function addSymmetry(program: Command): void {
  addVerb(program, "symmetry", {
    group: "saes",
    library: "fitAction",
    summary: "fit the matrices by which a group acts on rows, and say how good they are",
    examples: [
      [
        "symmetry orbits.npy --group c4 --out M.npy",
        "fit one matrix for a quarter turn, and save its powers",
      ],
      [
        "symmetry acts --group d4 --of elements",
        "a matrix for each of eight poses, on the rows of a store",
      ],
      ["symmetry configs/own.yaml", "what the source of a config has"],
      ["symmetry orbits.npy --action M.npy", "measure matrices that are there"],
    ],
  })
    .argument(
      "<rows>",
      "an array of orbits (.npy, .safetensors), the folder of a store, or a config",
    )
    .option(
      "--group <name>",
      "the group that made the poses: c<n>, d<n>, flip, translations-<n> or permutations-<n>",
      "c4",
    )
    .option("--action <file>", "measure the matrices of this .npy file instead of fitting any")
    .addOption(
      new Option("--method <name>", "how matrices are fitted")
        .choices(["least_squares", "adam"])
        .default("least_squares"),
    )
    .addOption(
      new Option("--of <what>", "what has a matrix of its own: generators, or each element")
        .choices(["generators", "elements"])
        .default("generators"),
    )
    .option("--canonical-only", "fit from the canonical pose alone, not from all poses")
    .option("--epochs <n>", "adam: passes over the orbits", positiveInteger, 150)
    .option("--learning-rate <x>", "adam: its rate", realNumber, 1e-3)
    .option("--orbits <n>", "training orbits to fit on, at most", positiveInteger, 4096)
    .option("--held-out-rows <n>", "rows to measure on (default: a tenth)", positiveInteger)
    .option("--seed <n>", "decides the order of the orbits", wholeNumber, 0)
    .option("--out <file>", "save the matrices as .npy, [elements, d_in, d_in]")
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/symmetry.ts")).symmetry));
}
