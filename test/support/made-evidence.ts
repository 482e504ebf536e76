/** @file Evidence in memory, for whatever reads evidence: cards that a test writes out. */

import { ConcordError } from "../../src/errors.ts";
import { type LatentCard, latentCardSchema } from "../../src/evidence/card.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";

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
    figures: [],
    ...changes,
  });
}

/** A latent that was never active. */
export function deadCard(latent: number): LatentCard {
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
  });
}

/** The evidence of one member `a` with these latents. */
export function madeEvidence(cards: readonly LatentCard[]): Evidence {
  const requireMember = (member: string) => {
    if (member !== "a") throw new ConcordError("argument/invalid", `No member ${member}: a.`);
  };
  const numbers = (of: (card: LatentCard) => number | null | undefined) =>
    cards.map((card) => of(card) ?? Number.NaN);
  return {
    summary: {
      version: 1,
      kind: "arrays",
      unit: "rows",
      rows: 1000,
      held_out_rows: 100,
      around: 1,
      threshold: 0.7,
      members: [],
      most_recurrent: [],
      most_idiosyncratic: [],
      left_out: [],
    },
    columns: async (member) => {
      requireMember(member);
      return {
        member,
        label: cards.map(({ label }) => label),
        density: cards.map(({ density }) => density),
        max: numbers(({ max }) => max),
        mean: numbers(({ mean }) => mean),
        alignment: numbers(({ alignment }) => alignment),
        found_in: numbers(({ recurrence }) => recurrence?.found_in),
        mean_cosine: numbers(({ recurrence }) => recurrence?.mean_cosine),
        truth: null,
        map: null,
      };
    },
    card: async (member, latent) => {
      requireMember(member);
      return cards[latent]!;
    },
    find: async () => [],
    close: async () => {},
  };
}
