/** @file Windows of a store that training never saw a token of, to run the model on again. */

import { readShardIndex } from "../../../sources/shards/read-index.ts";
import { openStoreTokens, type StoreTokens } from "../source/store-tokens.ts";
import type { PackedTokens } from "../text/packing.ts";

/** Windows whose lengths are read together. */
const AT_A_TIME = 256;

/** The first window behind the one that holds row `trainRows − 1`. */
async function firstHeldOut(tokens: StoreTokens, trainRows: number): Promise<number> {
  const { windows } = await tokens.readRows(trainRows - 1, 1);
  return windows[0]! + 1;
}

/** Lengths of `count` windows from `first` on. */
async function lengthsOf(tokens: StoreTokens, first: number, count: number): Promise<number[]> {
  const lengths: number[] = [];
  for (let at = first; at < first + count; at += AT_A_TIME) {
    const many = Math.min(AT_A_TIME, first + count - at);
    lengths.push(...(await tokens.readWindows(at, many)).lengths);
  }
  return lengths;
}

/** Of `there` windows, `count` that are evenly spread. */
function spread(there: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((i * there) / count));
}

/**
 * Held-out windows, evenly spread over all that there are, in which at least `least` tokens are
 * predicted: every one but the first of a window. All of them where they have fewer.
 *
 * @param folder    Of the store.
 * @param trainRows Its rows in front of the held-out ones.
 * @returns No windows when the held-out rows are a part of one.
 * @throws {ConcordError} as `openStoreTokens`.
 */
export async function heldOutWindows(
  folder: string,
  trainRows: number,
  least: number,
): Promise<PackedTokens> {
  const { provenance } = await readShardIndex(folder);
  const tokens = await openStoreTokens(folder);
  try {
    const { contextLength, windows, specialIds } = tokens;
    const first = await firstHeldOut(tokens, trainRows);
    const lengths = await lengthsOf(tokens, first, Math.max(0, windows - first));
    const predicted = (chosen: readonly number[]) =>
      chosen.reduce((total, i) => total + lengths[i]! - 1, 0);
    let count = Math.min(lengths.length, Math.ceil(least / (contextLength - 1)));
    while (count < lengths.length && predicted(spread(lengths.length, count)) < least) count++;
    const chosen =
      predicted(spread(lengths.length, count)) > 0 ? spread(lengths.length, count) : [];
    const { sink_positions: sinks, sinks_left_out: leftOut } = provenance;
    const packed = {
      contextLength,
      windows: chosen.length,
      ids: new Int32Array(chosen.length * contextLength),
      documentOf: new Int32Array(chosen.length * contextLength),
      lengths: new Int32Array(chosen.length),
      specialIds,
      skippedPositions: new Set<number>(leftOut && Array.isArray(sinks) ? sinks : []),
    };
    for (const [i, window] of chosen.entries()) {
      const one = await tokens.readWindows(first + window, 1);
      packed.ids.set(one.ids, i * contextLength);
      packed.documentOf.set(one.documents, i * contextLength);
      packed.lengths.set(one.lengths, i);
    }
    return packed;
  } finally {
    await tokens.close();
  }
}
