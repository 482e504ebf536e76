/** @file The loss of predicting each next token: its targets, and what is summed. */

import type { TokenBatch } from "../text/token-batch.ts";

/** Loss of predicting each next token, in nats. */
export interface NextTokenLoss {
  /**
   * [batch, positions]; NaN where no real token follows: at the end of each window and in padding.
   */
  readonly perToken: Float32Array;
  /** Sum over the predicted tokens, in double precision. */
  readonly sum: number;
  /** Number of predicted tokens. */
  readonly count: number;
}

/** What a change at a hook does to the predictions. */
export interface ChangedPredictions extends NextTokenLoss {
  /**
   * KL(p ‖ q) in nats per token, p of the unchanged model, [batch, positions]; NaN where no real
   * token follows.
   */
  readonly divergence: Float32Array;
  /** Its sum over the predicted tokens, in double precision; NaN where the divergence of one is. */
  readonly divergenceSum: number;
}

/** Next-token targets of a batch, int64 [batch · positions]; 0 where nothing follows. */
export function targetsOf(tokens: TokenBatch): BigInt64Array {
  const { ids, batch, positions } = tokens;
  const targets = new BigInt64Array(ids.length);
  for (let window = 0; window < batch; window++)
    for (let p = 0; p + 1 < positions; p++) {
      const at = window * positions + p;
      targets[at] = BigInt(ids[at + 1]!);
    }
  return targets;
}

/** Blanks positions that predict nothing and sums the rest. */
export function summarise(perToken: Float32Array, tokens: TokenBatch): NextTokenLoss {
  const { batch, positions, lengths } = tokens;
  let sum = 0;
  let count = 0;
  for (let window = 0; window < batch; window++)
    for (let p = 0; p < positions; p++) {
      const at = window * positions + p;
      if (p + 1 < (lengths?.[window] ?? positions)) {
        sum += perToken[at]!;
        count++;
      } else perToken[at] = Number.NaN;
    }
  return { perToken, sum, count };
}

/** Loss of every next token, from log-probabilities [batch · positions, vocabulary]. */
export function lossOf(logProbabilities: Float32Array, tokens: TokenBatch): NextTokenLoss {
  const width = logProbabilities.length / tokens.ids.length;
  const perToken = Float32Array.from(
    targetsOf(tokens),
    (target, i) => -logProbabilities[i * width + Number(target)]!,
  );
  return summarise(perToken, tokens);
}
