/**
 * @file Cards of latents as the files of a static page hold them: as columns, with examples that
 *   name rows of the row table. The page unpacks them (`web/data/unpack-cards.ts`).
 */

import type { Example, LatentCard } from "../../evidence/card.ts";
import { type Column, toColumn } from "./columns.ts";
import type { RowTable } from "./row-table.ts";

/** Cards in one file. */
export const CARDS_PER_FILE = 64;

/** Steps from 0 to the largest activation of a latent, in which activations are kept. */
export const STEPS = 1000 as const;

/** Style sheets within figures: the page has its own. */
const STYLE = /<style>[^<]*<\/style>/g;

/** Significant digits that other numbers keep. */
const DIGITS = 3;

/** A card with its examples packed. */
export interface PackedCard extends Omit<LatentCard, "examples" | "logits_absent"> {
  readonly logits_absent: string | null;
  /** Rows of which the latent's activation is known, each as its distance from the one before. */
  readonly near: readonly number[];
  /** Activation there, in thousandths of the largest. */
  readonly values: readonly number[];
  /** Places in `near`. */
  readonly top: readonly number[];
  readonly random: readonly number[];
  readonly quantiles_of: readonly {
    readonly from: number;
    readonly to: number;
    readonly share: number;
    readonly examples: readonly number[];
  }[];
  readonly near_misses: readonly { readonly row: number; readonly value: number }[];
}

/** The cards of one file. */
export interface PackedCards {
  /** {@link PackedCard}, and how many. */
  readonly cards: Column;
  readonly count: number;
  /** Cards whose examples do not fit the row table, whole. */
  readonly whole: Readonly<Record<number, LatentCard["examples"]>>;
}

/** Every example of a card. */
function everyExample({ examples }: LatentCard): Example[] {
  const { top, quantiles, random, near_misses } = examples;
  return [...top, ...quantiles.flatMap((group) => group.examples), ...random, ...near_misses];
}

/** Activations by row, of the examples and of what is around them. */
function knownValues(card: LatentCard): Map<number, number> {
  const known = new Map<number, number>();
  const { near_misses } = card.examples;
  for (const { row, peak, pieces } of everyExample(card))
    for (const [i, { value }] of pieces.entries())
      if (value !== 0) known.set(row - peak + i, value);
  for (const { row, value } of everyExample(card).filter((e) => !near_misses.includes(e)))
    known.set(row, value);
  return known;
}

/** Whether rows and activations tell all that the examples do. */
function fits(card: LatentCard, rows: RowTable): boolean {
  const known = knownValues(card);
  return everyExample(card)
    .map((example) => {
      const { row, peak, pieces } = example;
      const agrees = pieces.every(
        ({ value }, i) => Math.abs((known.get(row - peak + i) ?? 0) - value) <= tolerance(card),
      );
      return rows.add(example) && agrees;
    })
    .every(Boolean);
}

/** Activations around an example have fewer digits than that of the example itself. */
function tolerance({ max }: LatentCard): number {
  return Math.abs(max ?? 0) / 100;
}

const NO_EXAMPLES: LatentCard["examples"] = { top: [], quantiles: [], random: [], near_misses: [] };

function packCard(whole: LatentCard, isWhole: boolean): PackedCard {
  const { examples, logits_absent, ...card } = isWhole
    ? { ...whole, examples: NO_EXAMPLES }
    : whole;
  const known = [...knownValues({ ...card, examples })].sort(([a], [b]) => a - b);
  const places = new Map(known.map(([row], i) => [row, i]));
  const placesOf = (some: readonly Example[]) => some.map(({ row }) => places.get(row)!);
  const unit = Math.abs(card.max ?? 0) / STEPS || 1;
  return {
    ...card,
    figures: card.figures.map(({ title, svg }) => ({ title, svg: svg.replace(STYLE, "") })),
    logits_absent: logits_absent ?? null,
    near: known.map(([row], i) => row - (known[i - 1]?.[0] ?? 0)),
    values: known.map(([, value]) => Math.round(value / unit)),
    top: placesOf(examples.top),
    random: placesOf(examples.random),
    quantiles_of: examples.quantiles.map((group) => ({
      ...group,
      examples: placesOf(group.examples),
    })),
    near_misses: examples.near_misses.map(({ row, value }) => ({ row, value })),
  };
}

/**
 * Packs cards. Numbers keep three significant digits when they are written as JSON.
 *
 * @param rows Takes what examples say of rows.
 */
export function packCards(cards: readonly LatentCard[], rows: RowTable): PackedCards {
  const whole: Record<number, LatentCard["examples"]> = {};
  const packed = cards.map((card, i) => {
    const isWhole = !fits(card, rows);
    if (isWhole) whole[i] = card.examples;
    return packCard(card, isWhole);
  });
  return { cards: toColumn(packed), count: packed.length, whole };
}

/** Numbers of a parsed JSON value with three significant digits; whole ones stay as they are. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(DIGITS))
    : value;
}

/** JSON whose numbers keep three significant digits. */
export function compactJson(value: unknown): string {
  return JSON.stringify(value, rounded);
}
