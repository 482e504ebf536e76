/** @file A rectangle of token ids, the unit that models run on. */

import { expected, ShapeError } from "../../../errors.ts";

/** Token ids of some windows, completed to one length. */
export interface TokenBatch {
  /** [batch, positions], row-major. */
  readonly ids: Int32Array;
  readonly batch: number;
  readonly positions: number;
  /**
   * How many tokens at the start of each window are real, [batch]; the rest is padding. All, when
   * left out.
   */
  readonly lengths?: Int32Array;
}

/**
 * Wraps token ids as a batch.
 *
 * @throws {ShapeError} when the ids are no [batch, positions] rectangle.
 */
export function tokenBatch(ids: Int32Array, batch: number, positions: number): TokenBatch {
  if (ids.length !== batch * positions || ids.length === 0)
    throw new ShapeError(
      "tokens",
      `${batch} × ${positions} token ids, at least one`,
      `${ids.length}`,
    );
  return { ids, batch, positions };
}

/** The windows [from, to) of a batch, sharing its memory. */
export function sliceBatch(tokens: TokenBatch, from: number, to: number): TokenBatch {
  const { ids, positions, lengths } = tokens;
  return {
    ids: ids.subarray(from * positions, to * positions),
    batch: to - from,
    positions,
    ...(lengths === undefined ? {} : { lengths: lengths.subarray(from, to) }),
  };
}

/**
 * Checks that every id is in the vocabulary and the window not longer than the model's context.
 *
 * @param vocabularySize Undefined where only the model itself can tell which ids it takes.
 */
export function checkTokens(
  tokens: TokenBatch,
  vocabularySize: number | undefined,
  contextLength: number,
): void {
  const { ids, batch, positions } = tokens;
  tokenBatch(ids, batch, positions);
  if (positions > contextLength)
    throw expected(
      "positions",
      `at most the model's context of ${contextLength} tokens`,
      positions,
    );
  const limit = vocabularySize ?? 2 ** 31;
  for (let i = 0; i < ids.length; i++)
    if (ids[i]! < 0 || ids[i]! >= limit)
      throw expected(`token ${i}`, `an id from 0 to ${limit - 1}`, ids[i]);
}
