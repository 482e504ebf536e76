/** @file The command line of `concord saes`: arguments, options and examples. */

import { type Command, Option } from "commander";
import { SAE_FORMAT_NAMES } from "../../interchange/format-names.ts";
import { addVerb, lazily } from "../verb.ts";

const FORMATS =
  "folder or file of an SAE that Concord, SAELens, dictionary_learning, sparsify, Gemma Scope or OpenAI saved, or hf:org/repo/path on the Hugging Face hub";

export function addSaes(program: Command): void {
  const saes = addVerb(program, "saes", {
    group: "saes",
    summary: "inspect, check and convert saved SAEs of any program",
    examples: [["saes info runs/quickstart/saes/member-0", "the contents of an SAE folder"]],
  });

  addVerb(saes, "info", {
    group: "saes",
    library: "readSae",
    summary: "print the format, shape and selection of SAEs, and the metadata in their files",
    examples: [
      [
        "saes info trainer_0 trainer_1 --json",
        "two SAEs of dictionary_learning, as JSON for programs",
      ],
      [
        "saes info hf:google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71",
        "an SAE of the Hugging Face hub; only the files of its format are downloaded",
      ],
    ],
  })
    .argument("<folder...>", FORMATS)
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/saes.ts")).saesInfo));

  addVerb(saes, "convert", {
    group: "saes",
    library: "convertSae",
    summary: "convert an SAE from any format to any other, with a probe to check it",
    examples: [
      ["saes convert trainer_0 --out sae", "ae.pt of dictionary_learning for SAELens"],
      [
        "saes convert sae --out theirs --to sparsify",
        "for sparsify; what it cannot keep is refused",
      ],
    ],
  })
    .argument("<folder>", FORMATS)
    .requiredOption("--out <folder>", "folder for the files of the format and probe.safetensors")
    .addOption(
      new Option("--to <format>", "program that shall read it")
        .choices(SAE_FORMAT_NAMES)
        .default("saelens"),
    )
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/saes.ts")).saesConvert));

  addVerb(saes, "check", {
    group: "saes",
    library: "checkProbe",
    summary: "read SAEs, and encode the probes of those that have one",
    examples: [["saes check sae", "fails when weights and probe do not belong together"]],
  })
    .argument("<folder...>", FORMATS)
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/saes.ts")).saesCheck));
}
