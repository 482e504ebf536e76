/**
 * @file The logit lens (nostalgebraist 2020): what a model would predict if the residual stream of
 *   a layer went straight into the final norm and the unembedding.
 */

import { ConcordError } from "../../../errors.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import type { NamedModel } from "../models/open-by-name.ts";
import { type TokenBatch, tokenBatch } from "../text/token-batch.ts";
import { divergence, logSoftmax } from "./predictions.ts";
import { startOf } from "./tasks/prompt-pairs.ts";

/** Tokens listed per layer. */
const LISTED = 5;

/** What the lens says behind the last token of a prompt. */
export interface LensLayer {
  readonly hook: string;
  /** The likeliest tokens and their probabilities. */
  readonly tokens: readonly { readonly token: string; readonly probability: number }[];
  /** KL(the model's own prediction ‖ the lens), nats, mean over the tokens of the prompt. */
  readonly divergence: number;
  /** Cross-entropy of the next tokens of the prompt under the lens, nats; NaN for one token. */
  readonly crossEntropy: number;
}

/** The residual streams that leave blocks, in order. */
const lensHooks = (model: LanguageModel): string[] =>
  model.hooks().filter((hook) => /^blocks\.\d+\.hook_resid_post$/.test(hook));

/**
 * Reads a prompt through the lens at every block.
 *
 * @throws {ConcordError} `model/unsupported` for a model without named residual streams,
 *   `argument/invalid` for a prompt without a token.
 */
export async function logitLens(
  { model, tokenizer }: NamedModel,
  prompt: string,
): Promise<LensLayer[]> {
  const hooks = lensHooks(model);
  const last = hooks.at(-1);
  if (last === undefined)
    throw new ConcordError(
      "model/unsupported",
      "The logit lens needs hooks named blocks.<n>.hook_resid_post, which this model does not have.",
    );
  const start = startOf(tokenizer);
  const ids = Int32Array.from([...start, ...tokenizer.encode(prompt)]);
  if (ids.length === start.length)
    throw new ConcordError(
      "argument/invalid",
      "The logit lens needs a prompt of at least one token.",
    );
  const tokens: TokenBatch = tokenBatch(ids, 1, ids.length);
  const all = await model.activationsAt(hooks, tokens);
  const unembedding = model.spliced(last);
  const predictions: Float32Array[][] = [];
  for (const rows of all) {
    const logits = await unembedding.logits(tokens, rows);
    const width = logits.length / ids.length;
    predictions.push(
      Array.from(ids, (_, at) => logSoftmax(logits.subarray(at * width, (at + 1) * width))),
    );
  }
  const own = predictions.at(-1)!;
  const counted = Array.from(ids.keys()).slice(start.length);
  return hooks.map((hook, layer) => {
    const of = predictions[layer]!;
    const kl = counted.reduce((sum, at) => sum + divergence(own[at]!, of[at]!), 0) / counted.length;
    const predicted = Array.from(ids.keys()).slice(Math.max(1, start.length));
    const loss = predicted.reduce((sum, at) => sum - of[at - 1]![ids[at]!]!, 0) / predicted.length;
    const best = [...of.at(-1)!.entries()].sort((a, b) => b[1] - a[1]).slice(0, LISTED);
    return {
      hook,
      divergence: kl,
      crossEntropy: loss,
      tokens: best.map(([id, log]) => {
        return { token: tokenizer.tokenText(id), probability: Math.exp(log) };
      }),
    };
  });
}
