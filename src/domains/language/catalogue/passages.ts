/** @file Long texts cut into passages, and passages of several collections in one drawn order. */

import { permutation, randomStream } from "../../../base/philox.ts";

/** A passage ends at the first end of a sentence after this many characters. */
const PASSAGE = 4000;

/** The end of a sentence, with closing quotes, and the white space behind it. */
const SENTENCE_END = /[.!?]["'”’)]*\s+/g;

/**
 * Cuts a text into passages of about 4000 characters, each up to the end of a sentence. A point
 * behind "Mr." counts as one. What is left at the end belongs to the last passage if it is less
 * than half of one.
 */
export function passagesOf(text: string): string[] {
  const passages: string[] = [];
  let from = 0;
  for (const { 0: end, index } of text.matchAll(SENTENCE_END)) {
    const to = index + end.length;
    if (to - from < PASSAGE || text.length - to < PASSAGE / 2) continue;
    passages.push(text.slice(from, to).trim());
    from = to;
  }
  const rest = text.slice(from).trim();
  if (rest !== "") passages.push(rest);
  return passages;
}

/**
 * Passages of all collections in turn, each collection in a drawn order of its own. It ends when
 * one of them does, so that every part of the result has as many of each.
 */
export function inTurn(collections: readonly (readonly string[])[], seed: number): string[] {
  const orders = collections.map((all, i) =>
    permutation(randomStream(seed, `passages ${i}`), all.length),
  );
  const rounds = Math.min(...collections.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    collections.map((all, i) => all[orders[i]![round]!]!),
  ).flat();
}
