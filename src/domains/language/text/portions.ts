/**
 * @file A batch of windows in the portions that a graph can take: exported models may insist on a
 *   size, or let padding be seen.
 */

import { ConcordError } from "../../../errors.ts";
import { sliceBatch, type TokenBatch } from "./token-batch.ts";

/** What a graph demands of the batches it is given. */
export interface BatchDemands {
  /** Number of windows that the graph was exported for; any, when undefined. */
  readonly batch?: number | undefined;
  /** Number of positions that the graph was exported for; any, when undefined. */
  readonly positions?: number | undefined;
  /** Whether tokens attend to the padding behind their window: neither causal nor masked. */
  readonly seesPadding: boolean;
}

/** Some windows, as the graph is given them. */
export interface Portion {
  /** First of the windows, and how many they are. */
  readonly from: number;
  readonly windows: number;
  /** The same windows, cut or filled up to the size that the graph demands. */
  readonly fed: TokenBatch;
}

/** The number of windows from `from` on that have one length. */
function equalLengths({ lengths, batch }: TokenBatch, from: number): number {
  let to = from + 1;
  while (to < batch && lengths![to] === lengths![from]) to++;
  return to - from;
}

/**
 * Windows cut or filled up to a size; what is filled up counts as padding, and a window too many
 * repeats the last.
 */
function resized(tokens: TokenBatch, batch: number, positions: number): TokenBatch {
  if (batch === tokens.batch && positions === tokens.positions) return tokens;
  const ids = new Int32Array(batch * positions);
  const lengths = new Int32Array(batch);
  for (let window = 0; window < batch; window++) {
    const source = Math.min(window, tokens.batch - 1);
    const start = source * tokens.positions;
    const kept = Math.min(positions, tokens.positions);
    ids.set(tokens.ids.subarray(start, start + kept), window * positions);
    lengths[window] = Math.min(kept, tokens.lengths?.[source] ?? tokens.positions);
  }
  return { ids, batch, positions, lengths };
}

/**
 * Cuts a batch into portions.
 *
 * @param most Most windows in a portion.
 * @throws {ConcordError} `model/unsupported` when a window is shorter than the only size a graph
 *   takes, and its padding would be seen.
 */
export function portionsOf(
  tokens: TokenBatch,
  demands: BatchDemands,
  most = Number.POSITIVE_INFINITY,
): Portion[] {
  const portions: Portion[] = [];
  for (let from = 0; from < tokens.batch; ) {
    const alike =
      demands.seesPadding && tokens.lengths ? equalLengths(tokens, from) : tokens.batch - from;
    const windows = Math.min(alike, most, demands.batch ?? alike);
    const part = sliceBatch(tokens, from, from + windows);
    const real = demands.seesPadding ? (part.lengths?.[0] ?? part.positions) : part.positions;
    const positions = demands.positions ?? real;
    if (demands.seesPadding && positions !== real)
      throw new ConcordError(
        "model/unsupported",
        `The model takes windows of exactly ${positions} tokens and no attention_mask, but a window has ${real}.`,
        { hint: `Choose a context of ${positions}, and a text that fills its last window.` },
      );
    portions.push({ from, windows, fed: resized(part, demands.batch ?? windows, positions) });
    from += windows;
  }
  return portions;
}
