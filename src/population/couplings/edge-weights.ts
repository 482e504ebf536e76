/**
 * @file How much each matched pair of atoms counts in the mean cosine of two dictionaries. All
 *   count the same, or only pairs whose latents are active together, or frequent latents more.
 */

import type { BatchCodes, LatentCode } from "./batch-codes.ts";
import type { MatchedPair } from "./matched-pair.ts";

/** Matched pairs with the weight that each of them has in the loss. */
export interface WeightedEdges {
  /** By edge of the pair; not negative. */
  readonly weights: Float32Array;
  /** Their sum, which is what the loss can fall by. */
  readonly total: number;
}

/** A rule for the weights of matched pairs. */
export type EdgeWeights =
  | { readonly kind: "uniform" }
  /** Only pairs whose latents' activations on the batch correlate at least so much. */
  | { readonly kind: "correlated"; readonly threshold: number }
  /** In proportion to √(f_i f_j), f the fraction of the batch in which a latent is active. */
  | { readonly kind: "frequency" };

/** The members behind the two sides of a pair. */
export interface PairMembers {
  readonly i: number;
  readonly j: number;
}

/**
 * The weights of a pair's edges on this batch. Uniform weights sum to one. Correlation takes edges
 * away and leaves the others as they are, so each of these is pulled as hard as in MFR. Weights by
 * frequency are scaled to sum to one again.
 *
 * @param codes Codes of the step's batch; undefined only for `uniform`, which needs none.
 */
export function edgeWeights(
  rule: EdgeWeights,
  pair: MatchedPair,
  members: PairMembers,
  codes: BatchCodes | undefined,
): WeightedEdges {
  const { rows, columns, weights: even } = pair;
  if (rule.kind === "uniform") return { weights: even, total: 1 };
  const [one, other] = [codes!.of(members.i), codes!.of(members.j)];
  const weights = new Float32Array(even.length);
  let total = 0;
  for (let e = 0; e < weights.length; e++) {
    const factor =
      rule.kind === "correlated"
        ? Number(correlation(one, rows[e]!, other, columns[e]!) >= rule.threshold)
        : Math.sqrt(activeRows(one, rows[e]!) * activeRows(other, columns[e]!));
    weights[e] = even[e]! * factor;
    total += weights[e]!;
  }
  if (rule.kind === "correlated" || total === 0) return { weights, total };
  for (let e = 0; e < weights.length; e++) weights[e]! /= total;
  return { weights, total: 1 };
}

function activeRows({ indptr }: LatentCode, latent: number): number {
  return indptr[latent + 1]! - indptr[latent]!;
}

/**
 * Pearson's correlation of two latents' activations over the rows of the batch, zeros included.
 *
 * @returns −∞ where either latent is silent or constant: nothing is known of it.
 */
export function correlation(one: LatentCode, f: number, other: LatentCode, g: number): number {
  const n = one.batch;
  const [a, b] = [moments(one, f), moments(other, g)];
  let products = 0;
  let at = other.indptr[g]!;
  const end = other.indptr[g + 1]!;
  for (let e = one.indptr[f]!; e < one.indptr[f + 1]!; e++) {
    const row = one.rows[e]!;
    while (at < end && other.rows[at]! < row) at++;
    if (at < end && other.rows[at] === row) products += one.values[e]! * other.values[at]!;
  }
  const spread = (a.squares - a.sum ** 2 / n) * (b.squares - b.sum ** 2 / n);
  if (!(spread > 0)) return Number.NEGATIVE_INFINITY;
  return (products - (a.sum * b.sum) / n) / Math.sqrt(spread);
}

function moments({ indptr, values }: LatentCode, latent: number) {
  let [sum, squares] = [0, 0];
  for (let e = indptr[latent]!; e < indptr[latent + 1]!; e++) {
    sum += values[e]!;
    squares += values[e]! ** 2;
  }
  return { sum, squares };
}
