/**
 * @file Cards of latents from the files of a static page
 *   (`src/report/static-page/packed-cards.ts`).
 */

import type { Example, LatentCard } from "../../src/evidence/card.ts";
import type { PackedCard, PackedCards, STEPS } from "../../src/report/static-page/packed-cards.ts";
import { fromColumn } from "./columns.ts";
import type { Rows } from "./unpack-rows.ts";

/** Steps from 0 to the largest activation: those that the cards were packed with. */
const VALUE_STEPS: typeof STEPS = 1000;

/** The cards of a file, their examples still packed. */
export function packedCardsOf({ cards, count }: PackedCards): readonly PackedCard[] {
  return fromColumn(cards, count) as PackedCard[];
}

/** A card with its examples. */
export function unpackCard(packed: PackedCard, rows: Rows): LatentCard {
  const {
    near: steps,
    values,
    top,
    random,
    quantiles_of,
    near_misses,
    logits_absent,
    ...card
  } = packed;
  const unit = Math.abs(card.max ?? 0) / VALUE_STEPS || 1;
  const numbers: number[] = [];
  for (const step of steps) numbers.push(step + (numbers.at(-1) ?? 0));
  const activation = new Map(numbers.map((row, i) => [row, values[i]! * unit]));
  const example = (row: number, value: number): Example => {
    const { texts, ...known } = rows.of(row);
    const first = row - known.peak;
    const pieces = texts.map((text, i) => ({ text, value: activation.get(first + i) ?? 0 }));
    return { ...known, value, pieces };
  };
  const examples = (places: readonly number[]) =>
    places.map((place) => {
      const row = numbers[place]!;
      return example(row, activation.get(row) ?? 0);
    });
  return {
    ...card,
    ...(logits_absent === null ? {} : { logits_absent }),
    examples: {
      top: examples(top),
      random: examples(random),
      quantiles: quantiles_of.map((group) => ({ ...group, examples: examples(group.examples) })),
      near_misses: near_misses.map(({ row, value }) => example(row, value)),
    },
  };
}
