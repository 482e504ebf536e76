/** @file How well a model, asked for by name, predicts a text, asked for by name. */

import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { resolveText } from "../catalogue/catalogue.ts";
import { contextOf, openModelByName } from "../models/open-by-name.ts";
import { packText, requireTexts, type TextOptions } from "../text/pack-text.ts";
import { showText, textNotices } from "../text/text-notices.ts";
import { evaluateModel, type ModelEvaluation } from "./evaluate.ts";

/** Which model is to predict which text, and how much of it. */
export interface EvaluateTextOptions extends TextOptions {
  /** Catalogue name, hub id, checkpoint folder, or .onnx file. */
  readonly model: string;
  /** Catalogue name, file, folder or pattern, or several of them. */
  readonly text: string | readonly string[];
  /** Tokens in a window; the model's, at most 1024, when undefined. */
  readonly context?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly threads?: number | undefined;
  readonly catalogue: CatalogueOptions;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: { tokens: number; totalTokens: number }) => void) | undefined;
}

/** How well a model predicted a text, and in what windows. */
export interface TextEvaluation extends ModelEvaluation {
  readonly context: number;
  readonly windows: number;
  /** What a person should know of the text, a line each. */
  readonly notices: readonly string[];
}

/**
 * Mean next-token cross-entropy of a model over a text packed into full windows.
 *
 * @throws {ConcordError} `argument/invalid` with the nearest names for an unknown model or text, or
 *   for a text of less than two tokens; `interrupted`, and the errors of downloading and of
 *   opening.
 */
export async function evaluateText(options: EvaluateTextOptions): Promise<TextEvaluation> {
  const { signal } = options;
  const text = await resolveText(options.text, options.catalogue);
  await requireTexts(text, options);
  const { model, tokenizer } = await openModelByName(options.model, options);
  try {
    const context = contextOf(model, options.context);
    const { maxTokens } = options;
    const { textFormat, textColumn } = options;
    const { packed, tally } = await packText(text, {
      tokenizer,
      contextLength: context,
      maxTokens,
      textFormat,
      textColumn,
      signal,
    });
    // The first token of each window is not predicted.
    const totalTokens = packed.lengths.reduce((sum, n) => sum + n - 1, 0);
    if (totalTokens <= 0)
      throw new ConcordError(
        "argument/invalid",
        `${showText(options.text)} has no token to predict: it gives ${totalTokens + packed.windows}.`,
        { hint: "Give a longer text, or a larger --max-tokens." },
      );
    const evaluation = await evaluateModel(model, packed, {
      ...(signal ? { signal } : {}),
      onProgress: ({ tokens }) => options.onProgress?.({ tokens, totalTokens }),
    });
    return {
      ...evaluation,
      context,
      windows: packed.windows,
      notices: textNotices(options.text, tally),
    };
  } finally {
    await model.close();
  }
}
