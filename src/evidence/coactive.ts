/** @file Which latents of one SAE are active in the same rows. */

import type { KeptCodes } from "../consistency/lab/codes/kept-codes.ts";

/** Latents that are active with each latent, most first, [latents, most]. */
export interface Coactive {
  /** −1 where there are fewer. */
  readonly latents: Int32Array;
  /** Rows in which both are active among those in which one is. */
  readonly jaccard: Float32Array;
}

/** Latents with the largest Jaccard index over the kept rows. Of equal ones the first. */
export function coactiveLatents(codes: KeptCodes, most: number): Coactive {
  const n = codes.latents;
  const latents = new Int32Array(n * most).fill(-1);
  const jaccard = new Float64Array(n * most);
  const { indptr, rows } = codes.byLatent();
  const rowStart = new Int32Array(codes.rows + 1);
  const entries = new Int32Array(rows.length);
  let row = 0;
  for (const piece of codes.pieces)
    for (let r = 0; r < piece.rows; r++, row++) {
      const [from, to] = [piece.indptr[r]!, piece.indptr[r + 1]!];
      entries.set(piece.indices.subarray(from, to), rowStart[row]!);
      rowStart[row + 1] = rowStart[row]! + to - from;
    }
  const both = new Int32Array(n);
  /** Whether latent j with this index belongs in front of what is kept at `at`. */
  const comesBefore = (j: number, index: number, at: number) =>
    index > jaccard[at]! || (index === jaccard[at]! && j < latents[at]!);
  for (let i = 0; i < n; i++) {
    const met: number[] = [];
    for (let e = indptr[i]!; e < indptr[i + 1]!; e++)
      for (let at = rowStart[rows[e]!]!; at < rowStart[rows[e]! + 1]!; at++) {
        const j = entries[at]!;
        if (j !== i && both[j]!++ === 0) met.push(j);
      }
    let kept = 0;
    for (const j of met) {
      const index = both[j]! / (codes.active[i]! + codes.active[j]! - both[j]!);
      let at = i * most + kept;
      while (at > i * most && comesBefore(j, index, at - 1)) at--;
      if (at === (i + 1) * most) continue;
      const last = i * most + Math.min(kept, most - 1);
      latents.copyWithin(at + 1, at, last);
      jaccard.copyWithin(at + 1, at, last);
      latents[at] = j;
      jaccard[at] = index;
      kept = Math.min(kept + 1, most);
    }
    for (const j of met) both[j] = 0;
  }
  return { latents, jaccard: Float32Array.from(jaccard) };
}
