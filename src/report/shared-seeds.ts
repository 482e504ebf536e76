/**
 * @file Pairs of members that share a seed, as those of a grid do: they started from the same weights, so that their agreement
 * says little, and a mean over all pairs has to say how many of them it counts.
 */

import type { ConsistencyResult, EvaluationResult } from "../runs/results.ts";

export interface SharedSeeds {
  /** Pairs that share a seed, of all pairs. */
  readonly shared: number;
  readonly pairs: number;
  /** Mean MCC of the other pairs and of their nulls; undefined when every pair shares a seed. */
  readonly others: { readonly mcc: number; readonly null: number } | undefined;
}

/** What shared seeds do to the pairs of a population; undefined when no pair shares one. */
export function sharedSeeds(
  evaluation: EvaluationResult,
  consistency: ConsistencyResult,
): SharedSeeds | undefined {
  const seed = new Map(evaluation.members.map((m) => [m.name, m.seed]));
  const others = consistency.pairs.filter(({ a, b }) => seed.get(a) !== seed.get(b));
  const shared = consistency.pairs.length - others.length;
  if (shared === 0) return undefined;
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);
  return {
    ...{ shared, pairs: consistency.pairs.length },
    others:
      others.length === 0
        ? undefined
        : { mcc: mean(others.map((p) => p.mcc)), null: mean(others.map((p) => p.mcc_null)) },
  };
}
