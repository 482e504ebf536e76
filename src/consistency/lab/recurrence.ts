/**
 * @file Per latent: in how many of the other SAEs it is found again, and what that comes to for a
 *   whole SAE.
 *
 * A latent recurs in another SAE when the best one-to-one assignment of decoder atoms gives it a
 * partner whose cosine is at least τ.
 */

import { type PowerLaw, powerLaw } from "../../base/statistics/power-law.ts";
import type { PairMeasures } from "./pair-measures.ts";

/** Cosine from which a partner counts (Paulo and Belrose 2025, arXiv:2501.16615). */
export const RECURS_FROM = 0.7;

/** A latent's partner in another SAE. */
export interface Partner {
  /** Index of the SAE. */
  readonly sae: number;
  readonly latent: number;
  readonly cosine: number;
}

/** What the other SAEs say of one latent. */
export interface LatentRecurrence {
  /** Other SAEs with a partner at or above τ. */
  readonly recursIn: number;
  /** Mean and lowest cosine of all partners; undefined without any. */
  readonly meanCosine: number | undefined;
  readonly lowestCosine: number | undefined;
  /** In the order of the SAEs, also those below τ. */
  readonly partners: readonly Partner[];
}

/** A compared pair: a < b, with the assignment from a to b. */
export interface ComparedSaes {
  readonly a: number;
  readonly b: number;
  readonly measures: Pick<PairMeasures, "decoderMatching">;
}

/** The partners of every latent of SAE `sae`, by latent. */
function partnersOf(sae: number, latents: number, pairs: readonly ComparedSaes[]): Partner[][] {
  const partners: Partner[][] = Array.from({ length: latents }, () => []);
  for (const { a, b, measures } of pairs) {
    const { partnerOfA, cosine } = measures.decoderMatching;
    if (a !== sae && b !== sae) continue;
    for (let latent = 0; latent < partnerOfA.length; latent++) {
      const partner = partnerOfA[latent]!;
      if (partner < 0) continue;
      const at = cosine[latent]!;
      if (a === sae) partners[latent]!.push({ sae: b, latent: partner, cosine: at });
      else partners[partner]!.push({ sae: a, latent, cosine: at });
    }
  }
  return partners;
}

/** What the others say of every latent of SAE `sae`, which has `latents` of them. */
export function recurrenceOf(
  sae: number,
  latents: number,
  pairs: readonly ComparedSaes[],
  threshold = RECURS_FROM,
): LatentRecurrence[] {
  return partnersOf(sae, latents, pairs).map((partners) => {
    const cosines = partners.map(({ cosine }) => cosine);
    const isAny = cosines.length > 0;
    return {
      partners,
      recursIn: cosines.filter((c) => c >= threshold).length,
      meanCosine: isAny ? cosines.reduce((sum, c) => sum + c, 0) / cosines.length : undefined,
      lowestCosine: isAny ? Math.min(...cosines) : undefined,
    };
  });
}

/** How the latents of some SAEs divide. */
export interface SharedCounts {
  /** Shares of all latents: found in every other SAE, in some, in none. */
  readonly always: number;
  readonly sometimes: number;
  readonly never: number;
}

/** @param others SAEs that each was compared with. */
export function sharedCounts(
  latents: readonly Pick<LatentRecurrence, "recursIn">[],
  others: number,
): SharedCounts {
  const share = (holds: (recursIn: number) => boolean) =>
    latents.filter(({ recursIn }) => holds(recursIn)).length / latents.length;
  return {
    always: share((n) => n === others),
    sometimes: share((n) => n > 0 && n < others),
    never: share((n) => n === 0),
  };
}

/** The decay of unique@k with k: a · k^−b + c, of which c is what no number of SAEs would find. */
export function uniqueDecay(uniqueAtK: readonly number[]): PowerLaw | undefined {
  return powerLaw(
    uniqueAtK.map((_, i) => i + 1),
    uniqueAtK,
  );
}

/**
 * unique@k of Paulo and Belrose: the share of latents that k − 1 other SAEs, drawn at random from
 * those there are, all lack. Exact: a latent that recurs in r of n others is lacking in all of k −
 * 1 with probability C(n − r, k − 1) / C(n, k − 1).
 *
 * @returns For k = 1 … others + 1; 1 for k = 1, where there is nothing to be found in.
 */
export function uniqueAtK(
  latents: readonly Pick<LatentRecurrence, "recursIn">[],
  others: number,
): number[] {
  return Array.from({ length: others + 1 }, (_, drawn) => {
    let sum = 0;
    for (const { recursIn } of latents) {
      let probability = 1;
      for (let i = 0; i < drawn; i++)
        probability *= Math.max(0, others - recursIn - i) / (others - i);
      sum += probability;
    }
    return sum / latents.length;
  });
}
