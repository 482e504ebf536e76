/**
 * @file Always, sometimes and never shared latents by the strict rule. A latent is shared if the
 *   assignments by decoder and by encoder name one partner, both with a cosine of at least τ.
 */

import { randomStream } from "../../base/philox.ts";
import { type Interval, meanBootstrap } from "../../base/statistics/bootstrap.ts";
import type { NullMeasures } from "./null-measures.ts";
import { type PairMeasures, SHARED_THRESHOLDS } from "./pair-measures.ts";
import { RECURS_FROM, type SharedCounts, sharedCounts } from "./recurrence.ts";

/** A compared pair with both assignments. */
export interface StrictPair {
  readonly a: number;
  readonly b: number;
  readonly measures: Pick<PairMeasures, "decoderMatching" | "encoderMatching">;
}

/**
 * In how many other SAEs each latent of SAE `sae` is shared by the strict rule. [latents] Both
 * assignments name one partner, each with a cosine of at least τ (Paulo and Belrose 2025).
 *
 * Jedryszek and Crook (2026, arXiv:2603.04198) count latents as always, sometimes or never shared
 * by this rule. Their code compares the sizes of cosines, and "above" in place of "at least".
 */
export function sharedIn(
  sae: number,
  latents: number,
  pairs: readonly StrictPair[],
  threshold = RECURS_FROM,
): Int32Array {
  const counts = new Int32Array(latents);
  for (const { a, b, measures } of pairs) {
    if (a !== sae && b !== sae) continue;
    const { decoderMatching: decoder, encoderMatching: encoder } = measures;
    for (const [latent, partner] of decoder.partnerOfA.entries()) {
      if (partner < 0 || partner !== encoder.partnerOfA[latent]) continue;
      if (decoder.cosine[latent]! < threshold || encoder.cosine[latent]! < threshold) continue;
      counts[a === sae ? latent : partner]!++;
    }
  }
  return counts;
}

/** Shares of latents, with intervals and nulls. */
export interface StrictShares {
  readonly counts: SharedCounts;
  /** 95 %, by resampling latents; undefined for fewer than two. */
  readonly intervals: Readonly<Record<keyof SharedCounts, Interval>> | undefined;
  /**
   * Of random dictionaries: a latent is shared with each other SAE independently. Its chance is
   * that it is in the assignment at all, times the pair's null, which is of those that are.
   * Undefined where τ is not one of `SHARED_THRESHOLDS`.
   */
  readonly null: SharedCounts | undefined;
}

function nullShares(chances: readonly number[]): SharedCounts {
  const always = chances.reduce((product, p) => product * p, 1);
  const never = chances.reduce((product, p) => product * (1 - p), 1);
  return { always, sometimes: Math.max(0, 1 - always - never), never };
}

/**
 * How the latents of SAE `sae` divide by the strict rule.
 *
 * @returns Undefined for an SAE that was compared with none.
 */
export function strictShares(
  sae: number,
  latents: number,
  pairs: readonly (StrictPair & { readonly null: Pick<NullMeasures, "shared"> })[],
  threshold = RECURS_FROM,
): StrictShares | undefined {
  const own = pairs.filter(({ a, b }) => a === sae || b === sae);
  const others = own.length;
  if (others === 0) return undefined;
  const counts = sharedIn(sae, latents, pairs, threshold);
  const at = (SHARED_THRESHOLDS as readonly number[]).indexOf(threshold);
  const chance = ({ measures, null: none }: (typeof own)[number]) =>
    none.shared[at]! * (measures.decoderMatching.pairs / latents);
  const interval = (name: string, holds: (n: number) => boolean) =>
    meanBootstrap(
      randomStream(0, `lab/strict/${sae}/${name}`),
      counts.map((n) => (holds(n) ? 1 : 0)),
    );
  const always = interval("always", (n) => n === others);
  const sometimes = interval("sometimes", (n) => n > 0 && n < others);
  const never = interval("never", (n) => n === 0);
  return {
    counts: sharedCounts(
      Array.from(counts, (recursIn) => ({ recursIn })),
      others,
    ),
    intervals: always && sometimes && never && { always, sometimes, never },
    null: at < 0 ? undefined : nullShares(own.map(chance)),
  };
}
