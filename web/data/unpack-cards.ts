/** @file Cards of latents from the files of a static page (`src/report/static-page/packed-cards.ts`). */

import type { Example, LatentCard } from "../../src/evidence/card.ts";
import type { PackedCards, PackedExample } from "../../src/report/static-page/packed-cards.ts";

function unpackExample(packed: PackedExample, texts: readonly string[]): Example {
  const [row, value, heldOut, where, group, peak, places, values, svg] = packed;
  const pieces = places.map((place) => ({ text: texts[place] ?? "", value: 0 }));
  for (let i = 0; i < values.length; i += 2) pieces[values[i]!]!.value = values[i + 1]!;
  const example = { row, value, held_out: heldOut === 1, where, group, peak, pieces };
  return svg === undefined ? example : { ...example, svg };
}

/** One card of a file. */
export function unpackCard({ texts, cards }: PackedCards, index: number): LatentCard {
  const card = cards[index]!;
  const unpack = (examples: readonly PackedExample[]) =>
    examples.map((packed) => unpackExample(packed, texts));
  const { top, quantiles, random, near_misses } = card.examples;
  return {
    ...card,
    examples: {
      top: unpack(top),
      quantiles: quantiles.map((group) => ({ ...group, examples: unpack(group.examples) })),
      random: unpack(random),
      near_misses: unpack(near_misses),
    },
  };
}
