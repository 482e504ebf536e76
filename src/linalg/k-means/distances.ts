/** @file Squared distances of many rows to some centres, by matrix products over blocks of rows. */

import type { Backend } from "../../backend/backend.ts";

/** Rows with the squares of their lengths. */
export interface WeighedRows {
  /** [rows, d] */
  readonly x: Float32Array;
  readonly rows: number;
  readonly d: number;
  /** ‖x‖² per row. */
  readonly squares: Float64Array;
}

/** Rows of a block, so that its products fit a cache. */
const BLOCK = 1024;

/**
 * Distances of equal rows are not exactly zero in float32. Below this share of both squared lengths
 * they count as zero.
 */
const EQUAL = 1e-6;

/** ‖x‖² per row of x [rows, d], in float64. */
export function squaredLengths(x: Float32Array, d: number): Float64Array {
  const out = new Float64Array(x.length / d);
  for (let i = 0, at = 0; i < out.length; i++)
    for (let j = 0; j < d; j++, at++) out[i]! += x[at]! * x[at]!;
  return out;
}

/**
 * Lowers `nearest` to the squared distance to the nearest of some more centres: ‖x‖² − 2⟨x, c⟩ +
 * ‖c‖².
 *
 * @param centres [count, d]
 * @param nearest Per row, changed in place.
 */
export async function lowerDistances(
  backend: Backend,
  { x, rows, d, squares }: WeighedRows,
  centres: Float32Array,
  nearest: Float64Array,
): Promise<void> {
  const count = centres.length / d;
  const own = squaredLengths(centres, d);
  const products = backend.float32(Math.min(BLOCK, rows) * count);
  for (let start = 0; start < rows; start += BLOCK) {
    const m = Math.min(BLOCK, rows - start);
    const a = x.subarray(start * d, (start + m) * d);
    const c = products.subarray(0, m * count);
    await backend.gemm({ a, b: centres, c, m, n: count, k: d, transposeB: true });
    for (let i = 0, at = 0; i < m; i++) {
      const square = squares[start + i]!;
      let least = nearest[start + i]!;
      for (let f = 0; f < count; f++, at++) {
        const sum = square + own[f]!;
        const distance = sum - 2 * c[at]!;
        if (distance < least) least = distance > EQUAL * sum ? distance : 0;
      }
      nearest[start + i] = least;
    }
  }
}
