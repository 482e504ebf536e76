/**
 * @file How similar dictionaries are: the pairs of a population, and each dictionary against known
 *   features.
 */

import type { Backend } from "../backend/backend.ts";
import { mean } from "../base/statistics/mean.ts";
import { allPairs } from "./compared-pairs.ts";
import { bestMatches } from "./matching/best-matches.ts";
import type { Dictionary } from "./matching/dictionary.ts";
import { matchOneToOne } from "./matching/one-to-one.ts";
import { NullModels, type NullSimilarity, sharedFraction } from "./null-model.ts";

/** The similarity of two dictionaries. */
export interface PairSimilarity {
  /** Mean cosine under the best one-to-one assignment. */
  readonly mcc: number;
  /**
   * Mean over the atoms of the first dictionary of the largest cosine in the second, and the
   * reverse.
   */
  readonly meanMaxAtoB: number;
  readonly meanMaxBtoA: number;
  /** Fraction of matched pairs whose cosine is at least `SHARED_FROM`. */
  readonly shared: number;
  readonly null: NullSimilarity;
  /** The partner in b of each atom of a, or −1; [a.count]. */
  readonly partnerOfA: Int32Array;
  /**
   * For each atom of a: the cosine with its partner, 0 without one, and its largest cosine;
   * [a.count].
   */
  readonly matchedOfA: Float32Array;
  readonly bestOfA: Float32Array;
  /** Largest cosine of each atom of b; [b.count]. */
  readonly bestOfB: Float32Array;
}

/**
 * Compares two dictionaries, next to the null for their shapes.
 *
 * @throws {ShapeError} for dictionaries of different d.
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

/** The similarities of a population's pairs. */
export interface PopulationSimilarity {
  /** Pairs i < j in ascending order: all pairs, or the sample that was asked for. */
  readonly pairs: readonly {
    readonly i: number;
    readonly j: number;
    readonly similarity: PairSimilarity;
  }[];
  /** Mean MCC over the pairs and over their nulls; undefined with fewer than two members. */
  readonly pwMcc: { readonly mean: number; readonly null: number } | undefined;
  /**
   * For each atom of each member: the largest cosine in any other member that it was compared with.
   */
  readonly bestInOthers: readonly Float32Array[];
}

/**
 * Compares the pairs of a population's dictionaries.
 *
 * @param pairDone Called and awaited after each pair, when that pair's scratch memory may be freed.
 *   An error that it throws ends the comparison.
 * @param which Pairs i < j to compare; default: all. See `pairsAmong`.
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
