/** @file The distinct tokens of rows, numbered, and which token stands before each row. */

import type { TokenRows } from "./token-rows.ts";

/** Distinct tokens of some rows, and the number of each row's token among them. */
export interface NumberedTokens {
  /** Ids, ascending. */
  readonly ids: readonly number[];
  /** [rows] */
  readonly numbers: Int32Array;
  /** Text of each distinct token. */
  readonly texts: readonly string[];
}

/** Numbers the distinct tokens of rows by their ids. */
export function numbered(tokens: Int32Array, textOf: (id: number) => string): NumberedTokens {
  const ids = [...new Set(tokens)].sort((a, b) => a - b);
  const numberOf = new Map(ids.map((id, number) => [id, number]));
  return { ids, numbers: tokens.map((id) => numberOf.get(id)!), texts: ids.map(textOf) };
}

/**
 * The number of the token before each row; −1 at the beginning of a group, and behind a token that
 * has no row.
 */
export function tokensBefore(
  numbers: Int32Array,
  { positions, rows: { groups } }: TokenRows,
): Int32Array {
  const isNext = (i: number) =>
    i > 0 && groups[i] === groups[i - 1] && positions[i] === positions[i - 1]! + 1;
  return numbers.map((_, i) => (isNext(i) ? numbers[i - 1]! : -1));
}
