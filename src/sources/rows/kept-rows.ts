/** @file Stored rows without some of them. */

import { rowBytes, type StoredRows } from "./stored-rows.ts";

/**
 * The rows of `stored` that are not in `left`, in their order. Closing it closes `stored`.
 *
 * @param left Numbers of the rows to leave out, ascending, each once.
 */
export function withoutRows(stored: StoredRows, left: readonly number[]): StoredRows {
  if (left.length === 0) return stored;
  const bytesPerRow = rowBytes(stored);
  return {
    ...stored,
    rows: stored.rows - left.length,
    async read(start, into) {
      // Rows left out before the next kept one.
      let before = leftBefore(left, start);
      for (let at = 0; at < into.byteLength; ) {
        const from = start + at / bytesPerRow + before;
        const end = before < left.length ? left[before]! : stored.rows;
        const bytes = Math.min(into.byteLength - at, (end - from) * bytesPerRow);
        if (bytes > 0) await stored.read(from, into.subarray(at, at + bytes));
        else before++;
        at += bytes;
      }
    },
    close: () => stored.close(),
  };
}

/** How many of `left` come before the kept row `row`: the first i with left_i − i > row. */
function leftBefore(left: readonly number[], row: number): number {
  let [low, high] = [0, left.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (left[middle]! - middle > row) high = middle;
    else low = middle + 1;
  }
  return low;
}
