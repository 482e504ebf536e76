/** @file The command line of `concord saes`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily } from "../verb.ts";

const FORMATS =
  "folder of an SAE that Concord, SAELens, dictionary_learning, sparsify or Gemma Scope saved";

export function addSaes(program: Command): void {
  const saes = addVerb(program, "saes", {
    group: "saes",
    summary: "look into, check and convert SAEs that any program saved",
    examples: [["saes info runs/quickstart/saes/member-0", "what the folder of an SAE holds"]],
  });

  addVerb(saes, "info", {
    group: "saes",
    library: "readSae",
    summary: "print the format, shape and selection of SAEs, and what their files say of them",
    examples: [
      ["saes info trainer_0 trainer_1 --json", "two of dictionary_learning, for a program"],
    ],
  })
    .argument("<folder...>", FORMATS)
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/saes.ts")).saesInfo));

  addVerb(saes, "convert", {
    group: "saes",
    library: "convertSae",
    summary: "write an SAE as the folder that SAELens reads, with a probe to check it by",
    examples: [["saes convert trainer_0 --out sae", "ae.pt of dictionary_learning for SAELens"]],
  })
    .argument("<folder>", FORMATS)
    .requiredOption("--out <folder>", "cfg.json, sae_weights.safetensors and probe.safetensors")
    .action(lazily(async () => (await import("../commands/saes.ts")).saesConvert));

  addVerb(saes, "check", {
    group: "saes",
    library: "checkProbe",
    summary: "read SAEs, and encode their probes again where they have one",
    examples: [["saes check sae", "fails when weights and probe do not belong together"]],
  })
    .argument("<folder...>", FORMATS)
    .action(lazily(async () => (await import("../commands/saes.ts")).saesCheck));
}
