/** @file Reference encoding: every score in float64, sorted. */

import { ConcordError } from "../../errors.ts";
import type { EncodePositive, EncodeTopK } from "../backend.ts";

/** The error for a row whose scores cannot be put in order. */
function notFinite(row: number): ConcordError {
  return new ConcordError(
    "numeric/not-finite",
    `[encode] Row ${row} has scores that are not finite: the input or the weights hold NaN, or are too large.`,
  );
}

/**
 * Score of latent f for row b.
 *
 * @throws {ConcordError} when it is NaN.
 */
function score(
  args: Pick<EncodeTopK, "x" | "W" | "bias" | "dIn">,
  row: number,
  latent: number,
): number {
  let sum = args.bias ? args.bias[latent]! : 0;
  for (let j = 0; j < args.dIn; j++)
    sum += args.x[row * args.dIn + j]! * args.W[latent * args.dIn + j]!;
  if (Number.isNaN(sum)) throw notFinite(row);
  return Math.fround(sum);
}

/**
 * The places of the k largest scores among `places`, ascending. Of equal scores the lower place
 * wins.
 */
export function largest(scores: Float32Array, places: number[], k: number): number[] {
  const best = places.sort((p, q) => scores[q]! - scores[p]! || p - q).slice(0, k);
  return best.sort((p, q) => p - q);
}

export function encodeTopK(args: EncodeTopK): number {
  const { batch, dSae, k, indices, values } = args;
  for (let b = 0; b < batch; b++) {
    const scores = Float32Array.from({ length: dSae }, (_, latent) => score(args, b, latent));
    const finite = [...scores.keys()].filter((f) => scores[f] !== Number.NEGATIVE_INFINITY);
    if (finite.length < k) throw notFinite(b);
    for (const [i, latent] of largest(scores, finite, k).entries()) {
      indices[b * k + i] = latent;
      values[b * k + i] = args.relu ? Math.max(0, scores[latent]!) : scores[latent]!;
    }
  }
  return 0;
}

export function encodePositive(args: EncodePositive): number {
  const { batch, dSae, indptr, indices, values } = args;
  const found: [number, number][][] = [];
  for (let b = 0; b < batch; b++) {
    const row: [number, number][] = [];
    for (let f = 0; f < dSae; f++) {
      const value = score(args, b, f);
      if (value > 0) row.push([f, value]);
    }
    found.push(row);
  }
  let nnz = 0;
  indptr[0] = 0;
  for (let b = 0; b < batch; b++) {
    nnz += found[b]!.length;
    indptr[b + 1] = nnz;
  }
  if (nnz > indices.length) return nnz;
  for (const [i, [latent, value]] of found.flat().entries()) {
    indices[i] = latent;
    values[i] = value;
  }
  return nnz;
}
