/** @file Windows of a store that training never saw a token of, to run the model on again. */

import { sum } from "../../../base/statistics/mean.ts";
import { openStoreTokens, type StoreTokens } from "../source/store-tokens.ts";
import type { PackedTokens } from "../text/packing.ts";

/** The first window behind the one that holds row `trainRows − 1`. */
async function firstHeldOut(tokens: StoreTokens, trainRows: number): Promise<number> {
  const { windows } = await tokens.readRows(trainRows - 1, 1);
  return windows[0]! + 1;
}

/**
 * Held-out windows, evenly spread over all that there are, as few as have `most` tokens.
 *
 * @param folder    Of the store.
 * @param trainRows Its rows in front of the held-out ones.
 * @returns No windows when the held-out rows are a part of one.
 * @throws {ConcordError} as `openStoreTokens`.
 */
export async function heldOutWindows(
  folder: string,
  trainRows: number,
  most: number,
): Promise<PackedTokens> {
  const tokens = await openStoreTokens(folder);
  try {
    const { contextLength, windows, specialIds } = tokens;
    const first = await firstHeldOut(tokens, trainRows);
    const there = Math.max(0, windows - first);
    const count = Math.min(there, Math.ceil(most / contextLength));
    const packed = {
      contextLength,
      windows: count,
      ids: new Int32Array(count * contextLength),
      documentOf: new Int32Array(count * contextLength),
      lengths: new Int32Array(count),
      specialIds,
    };
    for (let i = 0; i < count; i++) {
      const one = await tokens.readWindows(first + Math.floor((i * there) / count), 1);
      packed.ids.set(one.ids, i * contextLength);
      packed.documentOf.set(one.documents, i * contextLength);
      packed.lengths.set(one.lengths, i);
    }
    return sum(packed.lengths) > count ? packed : { ...packed, windows: 0 };
  } finally {
    await tokens.close();
  }
}
