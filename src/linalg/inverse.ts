/** @file The inverse of a matrix, by elimination. */

import { ConcordError } from "../errors.ts";

/**
 * A⁻¹ [n, n] of a square matrix, row-major: Gauss–Jordan elimination with partial pivoting.
 *
 * @throws {ConcordError} "argument/invalid" for a matrix without an inverse.
 * @see Golub and Van Loan, "Matrix Computations", 4th ed., §3.4.
 */
export function inverse(matrix: ArrayLike<number>, n: number): Float64Array {
  const a = Float64Array.from(matrix);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  const largest = a.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++)
      if (Math.abs(a[i * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = i;
    if (!(Math.abs(a[pivot * n + column]!) > 1e-12 * largest))
      throw new ConcordError(
        "argument/invalid",
        `Expected a matrix with an inverse, of rank ${n}.`,
        {
          hint: "The rows it was fitted on may lie in a subspace: use more, or more varied ones.",
        },
      );
    for (const rows of [a, out]) swapRows(rows, pivot, column, n);
    const factor = 1 / a[column * n + column]!;
    for (const rows of [a, out]) for (let j = 0; j < n; j++) rows[column * n + j]! *= factor;
    for (let i = 0; i < n; i++) {
      const by = a[i * n + column]!;
      if (i === column || by === 0) continue;
      for (const rows of [a, out])
        for (let j = 0; j < n; j++) rows[i * n + j]! -= by * rows[column * n + j]!;
    }
  }
  return out;
}

function swapRows(rows: Float64Array, i: number, j: number, n: number): void {
  if (i === j) return;
  const kept = rows.slice(i * n, (i + 1) * n);
  rows.copyWithin(i * n, j * n, (j + 1) * n);
  rows.set(kept, j * n);
}
