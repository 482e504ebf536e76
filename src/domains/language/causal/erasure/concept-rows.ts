/** @file Activations of prompts with the class of each: what a concept is erased from. */

import type { OpenPair, OpenPairs } from "../open-pairs.ts";

/** Rows of prompts, pair by pair. */
export interface ConceptRows {
  /** [n, width] */
  readonly rows: Float32Array;
  /** [n]: 1 where the right answer is the second of the concept's. */
  readonly labels: Uint8Array;
  /** Pair of each row, [n]. */
  readonly pairs: Int32Array;
}

/** Which tokens of a prompt: those from the one that differs to the last, or the last alone. */
export type ErasedTokens = "all" | "last";

/** The first of those tokens. */
export const firstErased = ({ from, length }: OpenPair, tokens: ErasedTokens) =>
  tokens === "last" ? length - 1 : from;

/** Gathers rows of both prompts of each pair. @param second The answer of class 1. */
export function conceptRows(
  { pairs, width }: OpenPairs,
  second: string,
  tokens: ErasedTokens,
): ConceptRows {
  const parts: { readonly rows: Float32Array; readonly label: number; readonly pair: number }[] =
    [];
  for (const [i, pair] of pairs.entries()) {
    const start = firstErased(pair, tokens) * width;
    const of = pair.pair;
    for (const [rows, { answer }] of [
      [pair.rows, of.base],
      [pair.otherRows, of.counterfactual],
    ] as const)
      parts.push({ rows: rows.subarray(start), label: answer === second ? 1 : 0, pair: i });
  }
  const total = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const rows = new Float32Array(total);
  const labels = new Uint8Array(total / width);
  const pairOf = new Int32Array(total / width);
  let at = 0;
  for (const part of parts) {
    rows.set(part.rows, at * width);
    const count = part.rows.length / width;
    labels.fill(part.label, at, at + count);
    pairOf.fill(part.pair, at, at + count);
    at += count;
  }
  return { rows, labels, pairs: pairOf };
}
