/** @file Which latents of a member a list shows, and in which order. */

import type { LatentColumns } from "../../../src/evidence/card.ts";

import { visible } from "../../parts/visible.ts";

/** Orders by their name in the address. */
export const ORDERS = {
  recurrent: "Most recurrent",
  alone: "Most idiosyncratic",
  dense: "Densest",
  rare: "Rarest",
  strong: "Strongest",
  number: "By number",
} as const;

/** Name of an order. */
export type Order = keyof typeof ORDERS;

/** The order of a parameter of the address. */
export function asOrder(text: string | null): Order {
  return text !== null && text in ORDERS ? (text as Order) : "recurrent";
}

/** What each order sorts by, the smallest first; ties go by number. */
const KEYS: Readonly<Record<Order, (columns: LatentColumns, i: number) => number>> = {
  recurrent: (c, i) => -(c.found_in[i] ?? 0) - (c.mean_cosine[i] ?? 0) / 2,
  alone: (c, i) => (c.found_in[i] ?? 0) + (c.mean_cosine[i] ?? 0) / 2,
  dense: (c, i) => -(c.density[i] ?? 0),
  rare: (c, i) => c.density[i] ?? 0,
  strong: (c, i) => -(c.max[i] ?? 0),
  number: () => 0,
};

/** Which latents a list shows. */
export interface Filter {
  /** Part of the label or the number, whatever the case. */
  readonly text: string;
  readonly hasDead: boolean;
}

/** Latents of a member that pass the filter, in order. Dead ones are last unless they go by number. */
export function listed(columns: LatentColumns, order: Order, { text, hasDead }: Filter): number[] {
  const wanted = text.trim().toLowerCase();
  const isDead = (i: number) => (columns.density[i] ?? 0) === 0;
  const passes = (i: number) =>
    (hasDead || !isDead(i)) &&
    (wanted === "" ||
      String(i) === wanted ||
      visible(columns.label[i] ?? "")
        .toLowerCase()
        .includes(wanted));
  const key = KEYS[order];
  const deadLast = order === "number" ? 0 : 1;
  return columns.label
    .map((_, i) => i)
    .filter(passes)
    .sort(
      (a, b) =>
        deadLast * (Number(isDead(a)) - Number(isDead(b))) ||
        key(columns, a) - key(columns, b) ||
        a - b,
    );
}
