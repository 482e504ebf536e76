/** @file Matched pairs of latents by how often they fire: rare latents agree less. */

import type { CorrelationMatching } from "./correlation-matching.ts";
import type { KeptCodes } from "./kept-codes.ts";

const DECILES = 10;

/** A tenth of the matched pairs. */
export interface Decile {
  /** Mean share of rows in which a latent of the pairs is active. */
  readonly density: number;
  /** Mean correlation of the pairs. */
  readonly correlation: number;
  readonly pairs: number;
}

/**
 * The matched pairs in ten groups, from the rarest to the most frequent. Pairs are ordered by the
 * mean density of their two latents, then by the latent of a. Pair number p of n, from 0 on, is in
 * group ⌊10 p / n⌋.
 *
 * @returns Empty for fewer than ten pairs.
 */
export function frequencyDeciles(
  a: KeptCodes,
  b: KeptCodes,
  { partnerOfA, correlation }: Pick<CorrelationMatching, "partnerOfA" | "correlation">,
): Decile[] {
  const activeOf = (i: number) => a.active[i]! + b.active[partnerOfA[i]!]!;
  const ordered = Array.from(partnerOfA.keys())
    .filter((i) => partnerOfA[i]! >= 0)
    .sort((i, j) => activeOf(i) - activeOf(j) || i - j);
  const n = ordered.length;
  if (n < DECILES) return [];
  return Array.from({ length: DECILES }, (_, g) => {
    const group = ordered.filter((_, p) => Math.floor((DECILES * p) / n) === g);
    const mean = (of: (i: number) => number) =>
      group.reduce((sum, i) => sum + of(i), 0) / group.length;
    return {
      density: mean(activeOf) / (2 * a.rows),
      correlation: mean((i) => correlation[i]!),
      pairs: group.length,
    };
  });
}
