/** @file Joins the rows of several files into one matrix. */

import { ConcordError } from "../../errors.ts";
import { rowBytes, type StoredRows } from "./stored-rows.ts";

/** Rows, and their name in messages. */
export interface NamedRows {
  readonly name: string;
  readonly rows: StoredRows;
}

/**
 * The rows of all parts, in their order. Closing it closes the parts.
 *
 * @param parts At least one.
 * @throws {ConcordError} `argument/invalid` naming the first part of another d_in or dtype than the
 *   first part.
 */
export function joinedRows(parts: readonly NamedRows[]): StoredRows {
  const [{ name, rows: first }] = parts as [NamedRows, ...NamedRows[]];
  if (parts.length === 1) return first;
  for (const part of parts) {
    const { dIn, dtype } = part.rows;
    if (dIn === first.dIn && dtype === first.dtype) continue;
    const isWider = dIn !== first.dIn;
    throw new ConcordError(
      "argument/invalid",
      isWider
        ? `${part.name} has rows of d_in ${dIn}, but those of ${name} have ${first.dIn}.`
        : `${part.name} holds ${dtype}, but ${name} holds ${first.dtype}.`,
      { hint: `Files that are read together need the same ${isWider ? "d_in" : "dtype"}.` },
    );
  }
  const ends: number[] = [];
  for (const { rows } of parts) ends.push((ends.at(-1) ?? 0) + rows.rows);
  const bytesPerRow = rowBytes(first);
  return {
    dtype: first.dtype,
    dIn: first.dIn,
    rows: ends.at(-1)!,
    scratchBytes: Math.max(...parts.map(({ rows }) => rows.scratchBytes)),
    async read(start, into) {
      let part = partOf(ends, start);
      for (let at = 0; at < into.byteLength; part++) {
        const row = start + at / bytesPerRow;
        const bytes = Math.min(into.byteLength - at, (ends[part]! - row) * bytesPerRow);
        const firstRow = part === 0 ? 0 : ends[part - 1]!;
        await parts[part]!.rows.read(row - firstRow, into.subarray(at, at + bytes));
        at += bytes;
      }
    },
    close: async () => {
      await Promise.all(parts.map(({ rows }) => rows.close()));
    },
  };
}

/** The part that holds row `row`: the first part that ends after it. */
function partOf(ends: readonly number[], row: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > row) high = middle;
    else low = middle + 1;
  }
  return low;
}
