/** @file Pairs of prompts in a model: their activations at a hook, and what it predicts. */

import { type LastLogits, lastLogits } from "../models/last-logits.ts";
import type { NamedModel } from "../models/open-by-name.ts";
import type { TokenBatch } from "../text/token-batch.ts";
import { logSoftmax } from "./predictions.ts";
import type { PromptPair } from "./tasks/prompt-pairs.ts";

/** Prompts that run through the model at a time. */
export const PROMPTS = 64;

/** A pair with what the model makes of it. */
export interface OpenPair {
  readonly pair: PromptPair;
  /** Tokens of each prompt. */
  readonly length: number;
  /** First position where the tokens differ; before it the activations are the same. */
  readonly from: number;
  /** [length, width] at the hook, of the prompt and of its counterfactual. */
  readonly rows: Float32Array;
  readonly otherRows: Float32Array;
  /** Log-probabilities behind the last token, [vocabulary]. */
  readonly predicted: Float32Array;
  readonly otherPredicted: Float32Array;
}

/** Pairs in a model, at one hook. */
export interface OpenPairs {
  readonly hook: string;
  readonly width: number;
  readonly pairs: readonly OpenPair[];
  readonly logits: LastLogits;
}

/** Prompts as a batch, shorter ones padded at the end with id 0. */
export function promptBatch(prompts: readonly (readonly number[])[]): TokenBatch {
  const positions = prompts.reduce((most, ids) => Math.max(most, ids.length), 0);
  const ids = new Int32Array(prompts.length * positions);
  for (const [i, prompt] of prompts.entries()) ids.set(prompt, i * positions);
  const lengths = Int32Array.from(prompts, (prompt) => prompt.length);
  return { ids, batch: prompts.length, positions, lengths };
}

/** Runs prompts through a model: rows at the hook, and predictions. */
async function runPrompts(
  { model }: NamedModel,
  hook: string,
  logits: LastLogits,
  prompts: readonly (readonly number[])[],
  pause: () => Promise<void>,
): Promise<{ rows: Float32Array; predicted: Float32Array }[]> {
  const found: { rows: Float32Array; predicted: Float32Array }[] = [];
  for (let from = 0; from < prompts.length; from += PROMPTS) {
    await pause();
    const some = prompts.slice(from, from + PROMPTS);
    const tokens = promptBatch(some);
    const rows = await model.activations(hook, tokens);
    const all = await logits(tokens, rows);
    const vocabulary = all.length / some.length;
    const width = rows.length / tokens.ids.length;
    for (const [i, { length }] of some.entries()) {
      const start = i * tokens.positions * width;
      found.push({
        rows: rows.slice(start, start + length * width),
        predicted: logSoftmax(all.subarray(i * vocabulary, (i + 1) * vocabulary)),
      });
    }
  }
  return found;
}

/** Opens pairs at a hook. @throws {ConcordError} of the model; what `pause` throws. */
export async function openPairs(
  named: NamedModel,
  hook: string,
  pairs: readonly PromptPair[],
  pause: () => Promise<void>,
): Promise<OpenPairs> {
  const width = await named.model.width(hook);
  const logits = lastLogits(named.model, hook);
  const run = (side: "base" | "counterfactual") =>
    runPrompts(
      named,
      hook,
      logits,
      pairs.map((pair) => pair[side].ids),
      pause,
    );
  const [base, other] = [await run("base"), await run("counterfactual")];
  const opened = pairs.map((pair, i): OpenPair => {
    const { ids } = pair.base;
    return {
      pair,
      length: ids.length,
      from: ids.findIndex((id, at) => id !== pair.counterfactual.ids[at]),
      rows: base[i]!.rows,
      otherRows: other[i]!.rows,
      predicted: base[i]!.predicted,
      otherPredicted: other[i]!.predicted,
    };
  });
  return { hook, width, pairs: opened, logits };
}
