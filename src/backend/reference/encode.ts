/** @file Reference encoding: every score in float64, sorted. */

import { ConcordError } from "../../errors.ts";
import type { EncodePositive, EncodeTopK, LatentGroups } from "../backend.ts";

/** The error for a row whose scores cannot be put in order. */
function notFinite(row: number): ConcordError {
  return new ConcordError(
    "numeric/not-finite",
    `[encode] Row ${row} has scores that are not finite: the input or the weights hold NaN, or are too large.`,
  );
}

/** Score of latent f for row b. @throws {ConcordError} when it is NaN. */
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

export function encodeTopK(args: EncodeTopK): number {
  const { batch, dSae, k, groups, indices, values } = args;
  const scores = new Float32Array(dSae);
  for (let b = 0; b < batch; b++) {
    const floor = args.floor?.[b] ?? Number.NEGATIVE_INFINITY;
    // Places, which are latents where there is no order.
    const latentAt = (place: number) => groups?.order?.[place] ?? place;
    const candidates: number[] = [];
    for (let place = 0; place < dSae; place++) {
      if (!isWanted(groups, b, place)) continue;
      const found = score(args, b, latentAt(place));
      scores[place] = found;
      if (args.floor ? found >= floor : found !== Number.NEGATIVE_INFINITY) candidates.push(place);
    }
    if (!args.floor && candidates.length < k) throw notFinite(b);
    const best = candidates.sort((p, q) => scores[q]! - scores[p]! || p - q).slice(0, k);
    best.sort((p, q) => p - q);
    indices.fill(-1, b * k, (b + 1) * k);
    values.fill(Number.NEGATIVE_INFINITY, b * k, (b + 1) * k);
    for (const [i, place] of best.entries()) {
      const value = scores[place]!;
      indices[b * k + i] = latentAt(place);
      values[b * k + i] = args.relu ? Math.max(0, value) : value;
    }
    if (groups) writeReach(groups, b, scores, new Set(best));
  }
  return 0;
}

function isWanted(groups: LatentGroups | undefined, row: number, place: number): boolean {
  if (!groups?.wanted) return true;
  return ((groups.wanted[row]! >> Math.floor(place / groups.size)) & 1) === 1;
}

/** The largest score of every group that the row looked at, but for those in its code. */
function writeReach(
  groups: LatentGroups,
  row: number,
  scores: Float32Array,
  code: ReadonlySet<number>,
): void {
  const count = Math.ceil(scores.length / groups.size);
  for (let g = 0; g < count; g++)
    if (isWanted(groups, row, g * groups.size))
      groups.reach[row * count + g] = Number.NEGATIVE_INFINITY;
  for (const [place, value] of scores.entries()) {
    const at = row * count + Math.floor(place / groups.size);
    if (isWanted(groups, row, place) && !code.has(place))
      groups.reach[at] = Math.max(groups.reach[at]!, value);
  }
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
