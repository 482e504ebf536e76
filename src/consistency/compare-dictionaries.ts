/**
 * @file How similar dictionaries are: every pair of a population, and each against the known
 *   features.
 */

import type { Backend } from "../backend/backend.ts";
import { mean } from "../base/statistics/mean.ts";
import { allPairs } from "./compared-pairs.ts";
import { bestMatches } from "./matching/best-matches.ts";
import type { Dictionary } from "./matching/dictionary.ts";
import { matchOneToOne } from "./matching/one-to-one.ts";
import { NullModels, type NullSimilarity, sharedFraction } from "./null-model.ts";

/** Two dictionaries held against each other. */
export interface PairSimilarity {
  /** Mean cosine under the best one-to-one assignment. */
  readonly mcc: number;
  /** Mean over atoms of the first of the largest cosine in the second, and the other way round. */
  readonly meanMaxAtoB: number;
  readonly meanMaxBtoA: number;
  /** Fraction of matched pairs whose cosine is at least `SHARED_FROM`. */
  readonly shared: number;
  readonly null: NullSimilarity;
  /** For each atom of a its partner in b, or −1; [a.count]. */
  readonly partnerOfA: Int32Array;
  /** Cosine of each atom's matched partner, 0 without one, and its largest cosine; [a.count]. */
  readonly matchedOfA: Float32Array;
  readonly bestOfA: Float32Array;
  /** Largest cosine of each atom of b; [b.count]. */
  readonly bestOfB: Float32Array;
}

/**
 * Compares two dictionaries, next to the null of their shapes. @throws {ShapeError} for
 * dictionaries of different d.
 */
export async function comparePair(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
  nulls: NullModels = new NullModels(backend),
): Promise<PairSimilarity> {
  const matching = await matchOneToOne(backend, a, b);
  const best = await bestMatches(backend, a, b);
  return {
    mcc: matching.mean,
    meanMaxAtoB: mean(best.bestOfA),
    meanMaxBtoA: mean(best.bestOfB),
    shared: sharedFraction(matching),
    null: await nulls.similarity(a.count, b.count, a.d),
    partnerOfA: matching.partnerOfA,
    matchedOfA: matching.cosine,
    bestOfA: best.bestOfA,
    bestOfB: best.bestOfB,
  };
}

/** All pairs of a population. */
export interface PopulationSimilarity {
  /** Pairs i < j in order: all, or the sample that was asked for. */
  readonly pairs: readonly {
    readonly i: number;
    readonly j: number;
    readonly similarity: PairSimilarity;
  }[];
  /** Mean MCC over the pairs and over their nulls; undefined with fewer than two members. */
  readonly pwMcc: { readonly mean: number; readonly null: number } | undefined;
  /**
   * For each member, each atom's largest cosine in any other member that it was compared with: what
   * the others say of it.
   */
  readonly bestInOthers: readonly Float32Array[];
}

/**
 * Compares the pairs of a population's dictionaries.
 *
 * @param pairDone Called and awaited after each pair, whose scratch memory is not needed any more;
 *   what it throws ends the comparison.
 * @param which Pairs i < j to compare, default all; see `pairsAmong`.
 */
export async function comparePopulation(
  backend: Backend,
  dictionaries: readonly Dictionary[],
  nulls: NullModels = new NullModels(backend),
  pairDone: () => void | Promise<void> = () => {},
  which: readonly (readonly [number, number])[] = allPairs(dictionaries.length),
): Promise<PopulationSimilarity> {
  const pairs: { i: number; j: number; similarity: PairSimilarity }[] = [];
  const bestInOthers = dictionaries.map((d) => new Float32Array(d.count).fill(-1));
  const raise = (into: Float32Array, best: Float32Array) => {
    for (let f = 0; f < into.length; f++) into[f] = Math.max(into[f]!, best[f]!);
  };
  for (const [i, j] of which) {
    const similarity = await comparePair(backend, dictionaries[i]!, dictionaries[j]!, nulls);
    pairs.push({ i, j, similarity });
    raise(bestInOthers[i]!, similarity.bestOfA);
    raise(bestInOthers[j]!, similarity.bestOfB);
    await pairDone();
  }
  const average = (of: (s: PairSimilarity) => number) =>
    pairs.reduce((sum, p) => sum + of(p.similarity), 0) / pairs.length;
  return {
    pairs,
    pwMcc:
      pairs.length === 0
        ? undefined
        : { mean: average((s) => s.mcc), null: average((s) => s.null.mcc) },
    bestInOthers,
  };
}
