/** @file SAEs in a model that is asked for by name, over a text that is asked for by name. */

import type { Backend } from "../../../backend/backend.ts";
import { resolveText } from "../catalogue/catalogue.ts";
import { contextOf, openModelByName } from "../models/open-by-name.ts";
import { packText, requireTexts } from "../text/pack-text.ts";
import { textNotices } from "../text/text-notices.ts";
import type { EvaluateTextOptions } from "./evaluate-text.ts";
import { type SpliceEvaluation, type SpliceOptions, spliceSaes } from "./splice-saes.ts";

/** What is evaluated, and how. */
export interface EvalTextOptions
  extends Omit<EvaluateTextOptions, "onProgress">,
    Omit<SpliceOptions, "model" | "packed" | "signal"> {}

/** What came of it. */
export interface TextSpliceEvaluation extends SpliceEvaluation {
  readonly context: number;
  /** What a person should know of the text, a line each. */
  readonly notices: readonly string[];
}

/**
 * Opens the model, packs the text into full windows, and evaluates SAEs as `spliceSaes` does.
 *
 * @throws {ConcordError} as `spliceSaes` and `evaluateText`.
 */
export async function evaluateSaesInModel(
  backend: Backend,
  options: EvalTextOptions,
): Promise<TextSpliceEvaluation> {
  const { signal, maxTokens, textFormat, textColumn, model: name, text: texts, ...rest } = options;
  const text = await resolveText(texts, options.catalogue);
  await requireTexts(text, options);
  const { model, tokenizer } = await openModelByName(name, options);
  try {
    const context = contextOf(model, options.context);
    const { packed, tally } = await packText(text, {
      tokenizer,
      contextLength: context,
      maxTokens,
      textFormat,
      textColumn,
      signal,
    });
    const evaluation = await spliceSaes(backend, { ...rest, model, packed, signal });
    return { ...evaluation, context, notices: textNotices(texts, tally) };
  } finally {
    await model.close();
  }
}
