/** @file Logits behind the last token of each window, with the activations at a hook replaced. */

import { type TokenBatch, tokenBatch } from "../text/token-batch.ts";
import type { LanguageModel } from "./hooked-model.ts";

/** Behind the last block: the unembedding follows, row by row. */
const FINAL = "ln_final.hook_normalized";

/**
 * @param rows [batch · positions, width] at the hook.
 * @returns [batch, vocabulary]
 */
export type LastLogits = (tokens: TokenBatch, rows: Float32Array) => Promise<Float32Array>;

/** The last row of each window. */
function lastRows(rows: Float32Array, { batch, positions, lengths }: TokenBatch): Float32Array {
  const width = rows.length / (batch * positions);
  const out = new Float32Array(batch * width);
  for (let window = 0; window < batch; window++) {
    const at = (window * positions + (lengths?.[window] ?? positions) - 1) * width;
    out.set(rows.subarray(at, at + width), window * width);
  }
  return out;
}

/**
 * Logits at the last token only. Models whose final norm has a name unembed that one row per
 * window; others compute all logits, which takes longer.
 */
export function lastLogits(model: LanguageModel, hook: string): LastLogits {
  const spliced = model.spliced(hook);
  if (!model.hooks().includes(FINAL) || !/\.|hook_embed/.test(hook) || hook.startsWith("ln_final"))
    return async (tokens, rows) => lastRows(await spliced.logits(tokens, rows), tokens);
  const unembedding = model.spliced(FINAL);
  return async (tokens, rows) => {
    const [final] = await spliced.activationsAt([FINAL], tokens, rows);
    const { batch } = tokens;
    return unembedding.logits(
      tokenBatch(new Int32Array(batch), batch, 1),
      lastRows(final!, tokens),
    );
  };
}
