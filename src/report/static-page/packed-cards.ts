/**
 * @file Cards of latents as the files of a static page hold them: examples as short lists, the text
 *   of tokens once per file. The page unpacks them (`web/data/unpack-cards.ts`).
 */

import type { Example, LatentCard } from "../../evidence/card.ts";

/** Cards in one file. */
export const CARDS_PER_FILE = 64;

/** An example: its pieces as places in the table of texts, its values as pairs of piece and value. */
export type PackedExample = readonly [
  row: number,
  value: number,
  heldOut: 0 | 1,
  where: string,
  group: number | null,
  peak: number,
  pieces: readonly number[],
  values: readonly number[],
  svg?: string,
];

/** The groups of examples of a card, packed. */
export interface PackedGroups {
  readonly top: readonly PackedExample[];
  readonly quantiles: readonly {
    readonly from: number;
    readonly to: number;
    readonly share: number;
    readonly examples: readonly PackedExample[];
  }[];
  readonly random: readonly PackedExample[];
  readonly near_misses: readonly PackedExample[];
}

/** A card with its examples packed. */
export type PackedCard = Omit<LatentCard, "examples"> & { readonly examples: PackedGroups };

/** The cards of one file. */
export interface PackedCards {
  /** Texts of pieces, the commonest first. */
  readonly texts: readonly string[];
  readonly cards: readonly PackedCard[];
}

/** Significant digits that numbers of a static page keep. */
const DIGITS = 4;

/** Numbers of a parsed JSON value with four significant digits; whole numbers stay as they are. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(DIGITS))
    : value;
}

function everyExample({ examples }: LatentCard): Example[] {
  const { top, quantiles, random, near_misses } = examples;
  return [...top, ...quantiles.flatMap((group) => group.examples), ...random, ...near_misses];
}

/** Distinct texts of all pieces, the commonest first, so that their numbers are short. */
function textTable(cards: readonly LatentCard[]): string[] {
  const counts = new Map<string, number>();
  for (const { pieces } of cards.flatMap(everyExample))
    for (const { text } of pieces) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([text]) => text);
}

function packExample(example: Example, placeOf: ReadonlyMap<string, number>): PackedExample {
  const { row, value, held_out, where, group, peak, pieces, svg } = example;
  const packed = [
    row,
    value,
    held_out ? 1 : 0,
    where,
    group,
    peak,
    pieces.map(({ text }) => placeOf.get(text)!),
    pieces.flatMap((piece, i) => (piece.value === 0 ? [] : [i, piece.value])),
  ] as const;
  return svg === undefined ? packed : [...packed, svg];
}

/** Packs cards; their numbers keep four significant digits when they are written as JSON. */
export function packCards(cards: readonly LatentCard[]): PackedCards {
  const texts = textTable(cards);
  const placeOf = new Map(texts.map((text, i) => [text, i]));
  const pack = (examples: readonly Example[]) => examples.map((e) => packExample(e, placeOf));
  return {
    texts,
    cards: cards.map((card) => ({
      ...card,
      examples: {
        top: pack(card.examples.top),
        quantiles: card.examples.quantiles.map((group) => ({
          ...group,
          examples: pack(group.examples),
        })),
        random: pack(card.examples.random),
        near_misses: pack(card.examples.near_misses),
      },
    })),
  };
}

/** JSON whose numbers keep four significant digits. */
export function compactJson(value: unknown): string {
  return JSON.stringify(value, rounded);
}
