/**
 * @file Evidence in memory, from cards: those that a test writes out, or many small ones. Columns,
 *   summary and search follow from the cards.
 */

import { expected } from "../../../src/errors.ts";
import {
  type Example,
  type FeaturesSummary,
  type LatentCard,
  type ListedLatent,
  latentCardSchema,
} from "../../../src/evidence/card.ts";
import type { Evidence } from "../../../src/evidence/evidence.ts";

/** A latent of a member `a` with two examples; `changes` are what a test is about. */
export function madeCard(latent: number, changes: Partial<LatentCard> = {}): LatentCard {
  const example = (value: number) => ({
    row: 10,
    value,
    held_out: false,
    where: "document 1, position 2",
    group: 1,
    pieces: [
      { text: "the", value: 0 },
      { text: " car", value },
      { text: " stops", value: 0.25 },
    ],
    peak: 1,
  });
  return latentCardSchema.parse({
    member: "a",
    latent,
    latents: 8,
    label: `label ${latent}`,
    rows: 1000,
    active_rows: 100,
    density: 0.1,
    dead: false,
    mean: 1,
    max: 4,
    quantiles: [{ at: 0.5, value: 1 }],
    histogram: { bin_width: 2, counts: [90, 10] },
    alignment: 0.9,
    initial_distance: null,
    recurrence: {
      found_in: 2,
      of: 3,
      threshold: 0.7,
      mean_cosine: 0.93,
      spread: 0.01,
      null_cosine: 0.21,
      null_found_in: 0,
    },
    partners: [],
    nearest: [],
    coactive: [],
    rebuilt: [],
    examples: {
      top: [example(4)],
      quantiles: [{ from: 2, to: 4, share: 0.1, examples: [example(3)] }],
      random: [example(1)],
      near_misses: [],
    },
    rules: [{ kind: "token", text: '" car"', precision: 0.8, recall: 0.5, rows: 0.06 }],
    logits: { top: [{ text: " park", value: 2 }], bottom: [{ text: " sea", value: -1 }] },
    notes: [],
    figures: [],
    ...changes,
  });
}

/** A latent that was never active. */
export function deadCard(latent: number, changes: Partial<LatentCard> = {}): LatentCard {
  return madeCard(latent, {
    label: "",
    active_rows: 0,
    density: 0,
    dead: true,
    mean: null,
    max: null,
    quantiles: [],
    histogram: { bin_width: 0, counts: [] },
    examples: { top: [], quantiles: [], random: [], near_misses: [] },
    rules: [],
    ...changes,
  });
}

function listedOf({ member, latent, label, density, recurrence, rules }: LatentCard): ListedLatent {
  return {
    member,
    latent,
    label,
    density,
    found_in: recurrence?.found_in ?? 0,
    mean_cosine: recurrence?.mean_cosine ?? null,
    best_rule: rules[0] ?? null,
  };
}

type CardsOf = Readonly<Record<string, readonly LatentCard[]>>;

function summaryOf(cards: CardsOf): FeaturesSummary {
  const names = Object.keys(cards);
  const first = Object.values(cards)[0]?.[0];
  return {
    version: 1,
    kind: "arrays",
    unit: "rows",
    rows: first?.rows ?? 0,
    held_out_rows: (first?.rows ?? 0) / 10,
    around: 1,
    threshold: 0.7,
    members: names.map((name) => ({
      name,
      latents: cards[name]!.length,
      dead: cards[name]!.filter(({ dead }) => dead).length,
      compared_with: names.filter((other) => other !== name),
      null_cosine: 0.2,
      null_found_in: 0,
      recurring: [cards[name]!.length],
    })),
    most_recurrent: first ? [listedOf(first)] : [],
    most_idiosyncratic: first ? [listedOf(first)] : [],
    left_out: [],
  };
}

/**
 * The evidence of members with these latents.
 *
 * @param onClose Told when it is closed.
 */
function evidenceOf(cards: CardsOf, onClose: () => void = () => {}): Evidence {
  const cardsOf = (member: string) => {
    const own = cards[member];
    if (!own) throw expected("member", `one of ${Object.keys(cards).join()}`, member);
    return own;
  };
  return {
    summary: summaryOf(cards),
    async columns(member) {
      const own = cardsOf(member);
      return {
        member,
        label: own.map(({ label }) => label),
        density: own.map(({ density }) => density),
        max: own.map(({ max }) => max ?? 0),
        mean: own.map(({ mean }) => mean ?? 0),
        alignment: own.map(({ alignment }) => alignment),
        found_in: own.map(({ recurrence }) => recurrence?.found_in ?? 0),
        mean_cosine: own.map(({ recurrence }) => recurrence?.mean_cosine ?? null),
        truth: null,
        map: null,
      };
    },
    async card(member, latent) {
      const card = cardsOf(member)[latent];
      if (!card) throw expected("latent", `below ${cardsOf(member).length}`, latent);
      return card;
    },
    async find(query, { member, limit = 10 } = {}) {
      const searched = member === undefined ? Object.values(cards).flat() : cardsOf(member);
      return searched
        .filter(({ label }) => label.includes(query))
        .map(listedOf)
        .slice(0, limit);
    },
    async close() {
      onClose();
    },
  };
}

/** The evidence of one member `a` with these latents. */
export function madeEvidence(cards: readonly LatentCard[]): Evidence {
  return evidenceOf({ a: cards });
}

/** Members of small evidence. */
const SMALL_MEMBERS = ["member-0", "member-1"];
const SMALL_ROWS = 100_000;

/** Latent `i` is active in rows of its own, whose text is `word<i>`; every tenth latent is dead. */
function smallCard(member: string, latent: number, latents: number): LatentCard {
  if (latent % 10 === 9) return deadCard(latent, { member, latents, rows: SMALL_ROWS });
  const density = (latent + 1) / 1000;
  const some = (from: number): Example[] =>
    [from, from + 1, from + 2].map((number) => ({
      row: 1000 * latent + number,
      value: 1 + number,
      held_out: true,
      where: `document ${number}`,
      group: number,
      pieces: [
        { text: "a", value: 0 },
        { text: ` word${latent}`, value: 1 + number },
      ],
      peak: 1,
    }));
  return madeCard(latent, {
    member,
    latents,
    label: `" word${latent}"`,
    rows: SMALL_ROWS,
    active_rows: Math.round(SMALL_ROWS * density),
    density,
    max: 9,
    nearest: [{ latent: (latent + 1) % latents, value: 0.4 }],
    examples: {
      top: some(0),
      quantiles: [{ from: 0, to: 9, share: 1, examples: some(3) }],
      random: some(6),
      near_misses: [],
    },
  });
}

function smallCards(latents: number): CardsOf {
  const cards = (member: string) =>
    Array.from({ length: latents }, (_, latent) => smallCard(member, latent, latents));
  return Object.fromEntries(SMALL_MEMBERS.map((member) => [member, cards(member)]));
}

/** results/features/summary.json of small evidence. */
export function smallSummary(latents: number): FeaturesSummary {
  return summaryOf(smallCards(latents));
}

/**
 * Two members of `latents` latents each.
 *
 * @param onClose Told when it is closed.
 */
export function smallEvidence(latents = 40, onClose?: () => void): Evidence {
  return evidenceOf(smallCards(latents), onClose);
}
