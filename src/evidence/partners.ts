/**
 * @file Which latents of other SAEs are the same feature: partners by the best one-to-one
 *   assignment of atoms, next to what random atoms would show.
 */

import type { Backend } from "../backend/backend.ts";
import { pairsAmong } from "../consistency/compared-pairs.ts";
import type { MatchedSaes } from "../consistency/lab/codes/code-agreement.ts";
import type { Dictionary } from "../consistency/matching/dictionary.ts";
import { type Matching, matchOneToOne } from "../consistency/matching/one-to-one.ts";
import { NullModels } from "../consistency/null-model.ts";

/** Pairs that are compared: all of 16 SAEs, a sample of those of more. */
const MOST_PAIRS = 120;

/** An assignment between two SAEs, and what random atoms of the same shapes show. */
export interface MatchedPair extends MatchedSaes {
  readonly measures: { readonly decoderMatching: Matching };
  readonly nullCosine: number;
  /** Share of matched random atoms whose cosine is at least 0.7. */
  readonly nullShared: number;
}

/** What is known of a pair before anything is compared again. */
export interface KnownPair {
  readonly i: number;
  readonly j: number;
  readonly similarity: {
    readonly mcc: number;
    readonly partnerOfA: Int32Array;
    readonly matchedOfA: Float32Array;
  };
}

/**
 * Matches the SAEs of a population with one another. Of more than 16 a sample of the pairs is
 * matched, those of one setting first.
 *
 * @param known    Assignments that were made before; they are not made again.
 * @param settings What tells settings apart, one per SAE.
 */
export async function matchPairs(
  backend: Backend,
  dictionaries: readonly Dictionary[],
  options: {
    readonly seed: number;
    readonly settings: readonly string[];
    readonly known: readonly KnownPair[];
    readonly onCompared: (done: number, total: number) => void;
    readonly pause: () => Promise<void>;
  },
): Promise<MatchedPair[]> {
  const { seed, settings, known, onCompared, pause } = options;
  const nulls = new NullModels(backend);
  const { pairs } = pairsAmong(dictionaries.length, seed, MOST_PAIRS, (i) => settings[i]);
  const matched: MatchedPair[] = [];
  for (const [a, b] of pairs) {
    const before = known.find(({ i, j }) => i === a && j === b)?.similarity;
    const [of, other] = [dictionaries[a]!, dictionaries[b]!];
    const decoderMatching = before
      ? {
          partnerOfA: before.partnerOfA,
          cosine: before.matchedOfA,
          mean: before.mcc,
          pairs: Math.min(of.count, other.count),
        }
      : await matchOneToOne(backend, of, other);
    const { mcc, shared } = await nulls.similarity(of.count, other.count, of.d);
    const { partnerOfA } = decoderMatching;
    const measures = { decoderMatching };
    matched.push({ a, b, partnerOfA, measures, nullCosine: mcc, nullShared: shared });
    onCompared(matched.length, pairs.length);
    await pause();
  }
  return matched;
}
