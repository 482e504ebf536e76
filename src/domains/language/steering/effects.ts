/** @file What changes of a latent do to a model's predictions, over a text. */

import { ConcordError, expected, ShapeError } from "../../../errors.ts";
import type { EffectRequest, Effects, SteeringChange } from "../../steering.ts";
import { lossOf } from "../models/next-token-loss.ts";
import type { NamedModel } from "../models/open-by-name.ts";
import { defaultBatch } from "../source/collect.ts";
import { type PackedTokens, packDocuments, windowBatch } from "../text/packing.ts";
import { changeRows } from "./change-rows.ts";

/**
 * Predicts a text with each change. Rows of special tokens stay as they are, as when the model
 * writes.
 *
 * @throws {ConcordError} of the model; what `pause` throws.
 */
export async function steeringEffects(
  { model, tokenizer }: NamedModel,
  hook: string,
  packed: PackedTokens,
  changes: readonly SteeringChange[],
  pause: () => Promise<void>,
): Promise<Effects> {
  const spliced = model.spliced(hook);
  const batch = defaultBatch(packed.contextLength);
  const sums = changes.map(() => ({ loss: 0, divergence: 0 }));
  let [loss, tokens] = [0, 0];
  for (let from = 0; from < packed.windows; from += batch) {
    const some = windowBatch(packed, from, Math.min(packed.windows, from + batch));
    const rows = await model.activations(hook, some);
    const baseline = await spliced.logProbabilities(some, rows);
    const unchanged = lossOf(baseline, some);
    loss += unchanged.sum;
    tokens += unchanged.count;
    for (const [i, change] of changes.entries()) {
      await pause();
      const changed = rows.slice();
      await changeRows(changed, some.ids, tokenizer.specialIds, change);
      const { sum, divergenceSum } = await spliced.compare(some, changed, baseline);
      sums[i]!.loss += sum;
      sums[i]!.divergence += divergenceSum;
    }
  }
  return {
    tokens,
    crossEntropy: loss / tokens,
    changed: sums.map((one) => ({
      crossEntropy: one.loss / tokens,
      divergence: one.divergence / tokens,
    })),
  };
}

/** Most tokens of a text whose effects are asked for while somebody waits. */
const MOST_TOKENS = 256;

/**
 * Predicts one text with each change, as {@link steeringEffects}; its first 256 tokens at most.
 *
 * @throws {ConcordError} as `Steering.effects`.
 */
export async function effectsOnText(
  named: NamedModel,
  hook: string,
  width: number,
  { text, changes, signal }: EffectRequest,
): Promise<Effects> {
  for (const { direction } of changes)
    if (direction.length !== width)
      throw new ShapeError("steering", `a direction of ${width} elements`, `${direction.length}`);
  const { model, tokenizer } = named;
  const { separatorId, around, specialIds } = tokenizer;
  const contextLength = Math.min(MOST_TOKENS, model.facts.contextLength ?? MOST_TOKENS);
  const packed = await packDocuments([tokenizer.encode(text)], {
    contextLength,
    separatorId,
    around,
    specialIds,
    mode: "documents",
    maxTokens: contextLength,
  });
  // The first token is predicted from what stands in front of the text, where anything does.
  if ((packed.lengths[0] ?? 0) < 2) throw expected("text", "at least two tokens", text);
  return steeringEffects(named, hook, packed, changes, async () => {
    if (signal?.aborted)
      throw new ConcordError("interrupted", "Nobody waits for the effects any more.");
  });
}
