/**
 * @file Stability of one SAE's atoms over all other SAEs together, as papers on ensembles measure
 *   it; distinct from measures of pairs.
 *
 *   relaxed stability   mean over atoms of the largest cosine with any atom of any other SAE
 *                       (Gadgil et al. 2025, arXiv:2505.16077, after Fel et al. 2025)
 *   overlap@0.6         share of atoms for which that cosine is above 0.6           (Gadgil et al.)
 *   diversity@0.7       atoms that no other atom of their own SAE comes near: cosine below 0.7
 *                                                                                  (Gadgil et al.)
 *
 * The largest is taken over all others at once, not averaged over pairs: it grows with their
 * number, and so does its null. Nulls are exact for atoms of uniformly random direction.
 */

import type { Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { type Interval, meanBootstrap } from "../../base/statistics/bootstrap.ts";
import {
  chanceOfRandomCosine,
  largestRandomCosine,
} from "../../base/statistics/largest-random-cosine.ts";
import { mean } from "../../base/statistics/mean.ts";
import { atomGroups } from "../matching/atom-groups.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import { PackedAtoms } from "../matching/packed-atoms.ts";
import type { PairMeasures } from "./pair-measures.ts";

/** Above this cosine with any atom of another SAE, an atom counts as overlapping. */
export const OVERLAP_ABOVE = 0.6;
/** From this cosine with another atom of its own SAE, an atom does not count as diverse. */
export const DIVERSE_BELOW = 0.7;

/** A number with its interval and null; an interval is undefined for fewer than two atoms. */
export interface Judged {
  readonly value: number;
  /** 95 %, by resampling atoms. */
  readonly interval: Interval | undefined;
  /** Undefined for d_in 1, where every direction is one of two. */
  readonly null: number | undefined;
}

/** Stability of an SAE over all others. */
export interface Stability {
  readonly relaxed: Judged;
  readonly overlap: Judged;
}

/** A compared pair with the best cosines of each side. */
export interface BestOfPair {
  readonly a: number;
  readonly b: number;
  readonly measures: Pick<PairMeasures, "bestOfA" | "bestOfB">;
}

/** The largest cosine of each atom of SAE `sae` with any atom of those it was compared with. */
function bestInOthers(sae: number, latents: number, pairs: readonly BestOfPair[]) {
  const best = new Float32Array(latents).fill(-1);
  for (const { a, b, measures } of pairs) {
    if (a !== sae && b !== sae) continue;
    const own = a === sae ? measures.bestOfA : measures.bestOfB;
    for (let i = 0; i < latents; i++) best[i] = Math.max(best[i]!, own[i]!);
  }
  return best;
}

/**
 * The stability of SAE `sae`.
 *
 * @param latents Number of latents of each SAE.
 * @param d Width of the atoms.
 * @param alive Which latents count; default: all.
 * @returns Undefined for an SAE that was compared with none, or without a latent that counts.
 */
export function stabilityOf(
  sae: number,
  latents: readonly number[],
  d: number,
  pairs: readonly BestOfPair[],
  alive: (latent: number) => boolean = () => true,
): Stability | undefined {
  const others = pairs.flatMap(({ a, b }) => (a === sae ? [b] : b === sae ? [a] : []));
  const best = bestInOthers(sae, latents[sae]!, pairs).filter((_, i) => alive(i));
  if (others.length === 0 || best.length === 0) return undefined;
  const atoms = others.reduce((sum, other) => sum + latents[other]!, 0);
  const overlaps = best.map((cosine) => (cosine > OVERLAP_ABOVE ? 1 : 0));
  return {
    relaxed: {
      value: mean(best),
      interval: meanBootstrap(randomStream(0, `lab/relaxed/${sae}`), best),
      null: d < 2 ? undefined : largestRandomCosine(d, atoms),
    },
    overlap: {
      value: mean(overlaps),
      interval: meanBootstrap(randomStream(0, `lab/overlap/${sae}`), overlaps),
      null: d < 2 ? undefined : chanceOfRandomCosine(d, atoms, OVERLAP_ABOVE),
    },
  };
}

/** The largest cosine of each atom with another atom of its own dictionary, [count]; −1 alone. */
export async function nearestWithin(
  backend: Backend,
  { unit, count, d }: Dictionary,
): Promise<Float32Array> {
  const nearest = new Float32Array(count).fill(-1);
  if (count < 2) return nearest;
  // An atom finds itself, so the other of its two best is the nearest.
  const shape = { d, columnCount: count, k: 2 };
  const { order, size, count: groups } = atomGroups(count);
  const found = { candidates: backend.int32(2 * count), scores: backend.float32(2 * count) };
  await backend.searchTopK({
    rows: unit,
    count,
    columns: unit,
    ...shape,
    packed: await new PackedAtoms(backend, unit, order).get(shape),
    margin: 14,
    groups: { order, size, reach: backend.float32(count * groups) },
    ...found,
  });
  for (const [at, candidate] of found.candidates.entries()) {
    const atom = at >> 1;
    if (candidate !== atom) nearest[atom] = Math.max(nearest[atom]!, found.scores[at]!);
  }
  return nearest;
}

/** diversity@0.7: how many atoms, and how many of as many random ones. */
export interface Diversity {
  readonly atoms: number;
  readonly of: number;
  readonly null: number | undefined;
  /** 95 % of the number, by resampling atoms. */
  readonly interval: Interval | undefined;
}

/** Counts the atoms of a dictionary that no other atom of it comes near. */
export async function diversityOf(
  backend: Backend,
  dictionary: Dictionary,
  name: string,
): Promise<Diversity> {
  const { count, d } = dictionary;
  const nearest = await nearestWithin(backend, dictionary);
  const isDiverse = nearest.map((cosine) => (cosine < DIVERSE_BELOW ? 1 : 0));
  const interval = meanBootstrap(randomStream(0, `lab/diversity/${name}`), isDiverse);
  return {
    atoms: isDiverse.reduce((sum, one) => sum + one, 0),
    of: count,
    null:
      d < 2 || count < 2
        ? undefined
        : count * (1 - chanceOfRandomCosine(d, count - 1, DIVERSE_BELOW)),
    interval: interval && [count * interval[0], count * interval[1]],
  };
}
