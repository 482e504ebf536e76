/**
 * @file Rows in which a latent and its partner differ most, as far as the kept examples of both
 *   tell.
 */

import type { Example, LatentCard } from "../../../src/evidence/card.ts";

/** Every example of a card, each row once. */
function everyExample({ examples }: LatentCard): Example[] {
  const all = [
    ...examples.top,
    ...examples.random,
    ...examples.quantiles.flatMap((group) => group.examples),
    ...examples.near_misses,
  ];
  return [...new Map(all.map((example) => [example.row, example])).values()];
}

/**
 * Activation by row, from the windows around all examples: a piece's row follows from the place of
 * the example's own.
 */
function activations(card: LatentCard): Map<number, number> {
  const known = new Map<number, number>();
  const isNearMiss = new Set(card.examples.near_misses.map(({ row }) => row));
  for (const { row, peak, pieces, value } of everyExample(card)) {
    for (const [i, piece] of pieces.entries()) known.set(row - peak + i, piece.value);
    if (!isNearMiss.has(row)) known.set(row, value);
  }
  return known;
}

/** A row that both have kept, with the activation of each as a share of its largest. */
export interface Disagreement {
  readonly example: Example;
  readonly here: number;
  readonly there: number;
}

/** What two latents are known to do in the same rows. */
export interface Comparison {
  /** Rows for which both activations are known, of those that are examples of either. */
  readonly shared: number;
  /** Those in which they differ most, the largest difference first. */
  readonly differing: readonly Disagreement[];
}

/** Differences below this share of the largest activation are not worth showing. */
const LEAST = 0.25;

/** Compares two cards over the rows that are examples of either. */
export function compareCards(card: LatentCard, other: LatentCard, most: number): Comparison {
  const [ours, theirs] = [activations(card), activations(other)];
  const examples = new Map(
    [...everyExample(other), ...everyExample(card)].map((example) => [example.row, example]),
  );
  const both: Disagreement[] = [];
  for (const [row, example] of examples) {
    const [a, b] = [ours.get(row), theirs.get(row)];
    if (a !== undefined && b !== undefined)
      both.push({ example, here: a / (card.max || 1), there: b / (other.max || 1) });
  }
  const difference = ({ here, there }: Disagreement) => Math.abs(here - there);
  return {
    shared: both.length,
    differing: both
      .filter((pair) => difference(pair) >= LEAST)
      .sort((a, b) => difference(b) - difference(a))
      .slice(0, most),
  };
}

/**
 * Rows in which at least one of two latents is active: (a + b) / (1 + J), from the rows of each and
 * their Jaccard index J.
 *
 * @returns undefined where the index is not known.
 */
export function activeInEither(
  card: Pick<LatentCard, "active_rows">,
  other: Pick<LatentCard, "active_rows">,
  jaccard: number | null,
): number | undefined {
  if (jaccard === null) return undefined;
  return Math.round((card.active_rows + other.active_rows) / (1 + jaccard));
}
