/**
 * @file concord models: which language models there are, fetching one, and how well it predicts a
 *   text.
 */

import {
  CATALOGUE_MODELS,
  CATALOGUE_TEXTS,
  installedModel,
  resolveModel,
} from "../../../../domains/language/catalogue/catalogue.ts";
import { evaluateText } from "../../../../domains/language/evaluate/evaluate-text.ts";
import { FAMILY_NAMES } from "../../../../domains/language/models/families/registry.ts";
import { openModelByName } from "../../../../domains/language/models/open-by-name.ts";
import type { DocumentFormat } from "../../../../domains/language/text/document-formats.ts";
import { showText } from "../../../../domains/language/text/text-notices.ts";
import { escapeControls } from "../../../../formats/show-name.ts";
import { backendFor, catalogueOptions, interruptSignal } from "../../../environment.ts";
import { bytes, ProgressLine, short, TimeLeft, table } from "../../../output.ts";
import { print, warn } from "../../../print.ts";
import { oneOrMore } from "../text-options.ts";

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

export async function list(options: { json?: boolean }): Promise<void> {
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
  if (options.json) return void print(`${JSON.stringify(models)}\n`);
  const rows = models.map((m) => [
    m.name,
    m.folder === null ? "" : "yes",
    bytes(m.download_bytes),
    m.licence,
    m.description,
  ]);
  print(
    `${table(["model", "here", "download", "licence", "description"], rows)}\n` +
      "Any other model of the Hugging Face hub is org/name; any checkpoint folder is its path.\n" +
      `Its model_type is one of ${FAMILY_NAMES.join(", ")}; other models are opened as ONNX files.\n\n` +
      `Texts to collect and evaluate on: ${CATALOGUE_TEXTS.map(({ name }) => name).join(", ")}.\n` +
      "Any other text is a file, a folder, or a dataset of the Hugging Face hub (org/name): plain text, JSON Lines, JSON or Parquet.\n",
  );
}

export async function get(model: string, options: { offline?: boolean }): Promise<void> {
  const { line, show } = downloadLine();
  const catalogue = catalogueOptions(options.offline, show, interruptSignal());
  const folder = await resolveModel(model, catalogue).finally(() => line.clear());
  print(`${folder}\n`);
}

export async function hooks(
  model: string,
  options: { offline?: boolean; json?: boolean },
): Promise<void> {
  const { line, show } = downloadLine();
  const catalogue = catalogueOptions(options.offline, show, interruptSignal());
  const opened = await openModelByName(model, { catalogue }).finally(() => line.clear());
  const described = await opened.model.describeHooks().finally(() => opened.model.close());
  if (options.json) return void print(`${JSON.stringify(described)}\n`);
  const rows = described.map(({ name, width, meaning }) => [
    escapeControls(name),
    String(width),
    escapeControls(meaning),
  ]);
  print(`${table(["hook", "width", "meaning"], rows)}\n`);
}

interface EvalOptions {
  readonly text: readonly string[];
  readonly textFormat?: DocumentFormat;
  readonly textColumn?: string;
  readonly context?: number;
  readonly maxTokens?: number;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export async function evaluate(model: string, options: EvalOptions): Promise<void> {
  const { line, show } = downloadLine();
  const signal = interruptSignal();
  const timeLeft = new TimeLeft(() => performance.now());
  let begun = false;
  const text = oneOrMore(options.text);
  const result = await evaluateText({
    model,
    text,
    textFormat: options.textFormat,
    textColumn: options.textColumn,
    context: options.context,
    maxTokens: options.maxTokens,
    threads: backendFor().backend.threads,
    signal,
    catalogue: catalogueOptions(options.offline, show, signal),
    onProgress: ({ tokens, totalTokens }) => {
      if (!begun) line.clear();
      begun = true;
      const left = timeLeft.update(tokens, totalTokens);
      line.update(() => `${short(tokens)} of ${short(totalTokens)} tokens${left}`);
    },
  }).finally(() => line.clear());
  const { tokens, crossEntropy, perplexity, context, windows } = result;
  for (const notice of result.notices) warn(`${notice}`);
  const shown = { model, text, context, windows, tokens };
  if (options.json)
    return void print(`${JSON.stringify({ ...shown, cross_entropy: crossEntropy, perplexity })}\n`);
  const rows = [
    [
      model,
      showText(text),
      String(context),
      String(tokens),
      short(crossEntropy),
      short(perplexity),
    ],
  ];
  print(
    `${table(["model", "text", "context", "tokens", "cross-entropy (nats)", "perplexity"], rows)}\n`,
  );
}
