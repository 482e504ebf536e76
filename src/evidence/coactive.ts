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
  const jaccard = new Float32Array(n * most);
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
  for (let i = 0; i < n; i++) {
    const met: number[] = [];
    for (let e = indptr[i]!; e < indptr[i + 1]!; e++)
      for (let at = rowStart[rows[e]!]!; at < rowStart[rows[e]! + 1]!; at++) {
        const j = entries[at]!;
        if (j !== i && both[j]!++ === 0) met.push(j);
      }
    const index = (j: number) => both[j]! / (codes.active[i]! + codes.active[j]! - both[j]!);
    const best = met
      .map((j) => [j, index(j)] as const)
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, most);
    for (const [at, [j, value]] of best.entries()) {
      latents[i * most + at] = j;
      jaccard[i * most + at] = value;
    }
    for (const j of met) both[j] = 0;
  }
  return { latents, jaccard };
}
