/** @file The rules that predict a latent best, with precision and recall. */

import type { LatentCard } from "./card.ts";

/** Rules that are kept of each latent. */
const KEPT = 3;

/** A rule that was tried on some rows. */
export interface TriedRule {
  readonly kind: string;
  readonly text: string;
  /** Rows that satisfy it. */
  readonly satisfying: number;
  /** Rows that satisfy it and in which the latent is active. */
  readonly hits: number;
}

/**
 * The best rules for a latent by F1, of equal ones the first. Rules that never hold where the
 * latent is active are left out.
 *
 * @param tried  Each rule once.
 * @param active Rows in which the latent is active.
 * @param rows   All rows that the rules were tried on.
 */
export function bestRules(
  tried: readonly TriedRule[],
  active: number,
  rows: number,
): LatentCard["rules"] {
  const rounded = (value: number) => Number(value.toPrecision(4));
  // F1 is 2 hits / (satisfying + active).
  const f1 = ({ hits, satisfying }: TriedRule) => hits / (satisfying + active);
  return tried
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => f1(b) - f1(a))
    .slice(0, KEPT)
    .map(({ kind, text, satisfying, hits }) => {
      return {
        kind,
        text,
        precision: rounded(hits / satisfying),
        recall: rounded(hits / active),
        rows: rounded(satisfying / rows),
      };
    });
}
