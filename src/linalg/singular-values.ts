/** @file The singular values of a small matrix, from the eigenvalues of its Gram matrix. */

import { symmetricEigen } from "./symmetric-eigen.ts";

/**
 * The singular values of a small matrix [m, n], [min(m, n)], descending. They come from MMᵀ, so
 * those below 1e-8 of the largest are rounding errors.
 */
export function singularValues(matrix: Float32Array, m: number, n: number): Float64Array {
  const size = Math.min(m, n);
  const at = m <= n ? (i: number, k: number) => i * n + k : (i: number, k: number) => k * n + i;
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let dot = 0;
      for (let k = 0; k < Math.max(m, n); k++) dot += matrix[at(i, k)]! * matrix[at(j, k)]!;
      gram[i * size + j] = dot;
      gram[j * size + i] = dot;
    }
  return symmetricEigen(gram, size).values.map((v) => Math.sqrt(Math.max(0, v)));
}
