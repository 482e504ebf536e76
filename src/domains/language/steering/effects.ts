/** @file What changes of a latent do to a model's predictions, over a text. */

import type { SteeringChange } from "../../steering.ts";
import { lossOf } from "../models/next-token-loss.ts";
import type { NamedModel } from "../models/open-by-name.ts";
import { defaultBatch } from "../source/collect.ts";
import { type PackedTokens, windowBatch } from "../text/packing.ts";
import { changeRows } from "./open-steering.ts";

/** Means over the predicted tokens. */
export interface Effect {
  /** Cross-entropy, nats per token. */
  readonly crossEntropy: number;
  /** KL(p ‖ q), nats per token, p of the unchanged model. */
  readonly divergence: number;
}

/** What a text says of some changes. */
export interface Effects {
  readonly tokens: number;
  /** Cross-entropy of the unchanged model. */
  readonly crossEntropy: number;
  /** In the order of the changes. */
  readonly changed: readonly Effect[];
}

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
