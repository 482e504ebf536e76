/**
 * @file How well a language model predicts a text, by itself or with one of its tensors replaced.
 */

import { ConcordError } from "../../../errors.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import type { NextTokenLoss } from "../models/next-token-loss.ts";
import { defaultBatch } from "../source/collect.ts";
import { type PackedTokens, windowBatch } from "../text/packing.ts";
import type { TokenBatch } from "../text/token-batch.ts";

/** In what portions a text is predicted, and who is told. */
export interface EvaluateOptions {
  /** Windows in one run of the model; about 1024 tokens' worth when left out. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: { readonly windows: number; readonly tokens: number }) => void;
}

/** Prediction of a text. */
export interface ModelEvaluation {
  /** Predicted tokens: every real token but the first of each window. */
  readonly tokens: number;
  /** Mean −log p(next token) in nats. NaN when nothing was predicted. */
  readonly crossEntropy: number;
  /** exp(crossEntropy). */
  readonly perplexity: number;
}

async function evaluateWindows(
  packed: PackedTokens,
  options: EvaluateOptions,
  loss: (tokens: TokenBatch) => Promise<NextTokenLoss>,
): Promise<ModelEvaluation> {
  const { batch = defaultBatch(packed.contextLength), signal } = options;
  let sum = 0;
  let tokens = 0;
  for (let from = 0; from < packed.windows; from += batch) {
    if (signal?.aborted)
      throw new ConcordError("interrupted", "Evaluating the model was interrupted.");
    const to = Math.min(packed.windows, from + batch);
    const part = await loss(windowBatch(packed, from, to));
    sum += part.sum;
    tokens += part.count;
    options.onProgress?.({ windows: to, tokens });
  }
  const crossEntropy = sum / tokens;
  return { tokens, crossEntropy, perplexity: Math.exp(crossEntropy) };
}

/** Mean next-token cross-entropy of a model over packed windows. */
export function evaluateModel(
  model: LanguageModel,
  packed: PackedTokens,
  options: EvaluateOptions = {},
): Promise<ModelEvaluation> {
  return evaluateWindows(packed, options, (tokens) => model.crossEntropy(tokens));
}

/**
 * The same with the activations at `hook` replaced on their way, such as by an autoencoder's
 * reconstruction.
 *
 * @param replace Given the activations [batch · positions, width] and their tokens, returns what to
 *   put in their place, same shape. Rows of padding may hold anything.
 */
export function evaluateReplaced(
  model: LanguageModel,
  hook: string,
  packed: PackedTokens,
  replace: (activations: Float32Array, tokens: TokenBatch) => Promise<Float32Array> | Float32Array,
  options: EvaluateOptions = {},
): Promise<ModelEvaluation> {
  const spliced = model.spliced(hook);
  return evaluateWindows(packed, options, async (tokens) => {
    const replacement = await replace(await model.activations(hook, tokens), tokens);
    return spliced.crossEntropy(tokens, replacement);
  });
}
