import type { EncodedBatch } from "../../src/sae/sae.ts";

/** The code whose dense rows, [rows, latents], are given. */
export function codeOf(dense: ArrayLike<number>, latents: number): EncodedBatch {
  const rows = dense.length / latents;
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < latents; i++) {
      const value = dense[r * latents + i]!;
      if (value === 0) continue;
      indices.push(i);
      values.push(value);
    }
    indptr[r + 1] = indices.length;
  }
  return { rows, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}
