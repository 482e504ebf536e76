/** @file The linear map that predicts one set of variables from another with the least error. */

import { multiply, transposed } from "./multiply.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** Directions with less than this share of the largest variance count as having none. */
const NEGLIGIBLE = 1e-8;

/** A map, and how well its data determine it. */
export interface LeastSquaresMap {
  /** [n, m]; y ≈ x map for centred x and y. */
  readonly map: Float64Array;
  /** Directions of x that have variance. */
  readonly rank: number;
  /** √(largest / smallest variance) over those directions: the condition number of the data. */
  readonly condition: number;
}

/**
 * Least squares without a ridge: the map W [n, m] of least norm that minimises Σ‖y − x W‖², from
 * Σ x xᵀ and Σ x yᵀ of centred samples. W = (Σ x xᵀ)⁺ Σ x yᵀ.
 *
 * Directions with less than 1e-8 of the largest variance are left out, because sums of float32
 * products say nothing about them.
 *
 * @param square Σ x xᵀ, [n, n].
 * @param cross  Σ x yᵀ, [n, m].
 * @see Golub and Van Loan, "Matrix Computations", 4th ed., §5.5.
 */
export function leastSquaresMap(
  square: Float64Array,
  cross: Float64Array,
  n: number,
  m: number,
): LeastSquaresMap {
  const { values, vectors } = symmetricEigen(square, n);
  const largest = Math.max(values[0] ?? 0, 0);
  const rank = values.filter((v) => v > NEGLIGIBLE * largest).length;
  const weighted = multiply(vectors, cross, [n, n, m]);
  for (let i = 0; i < n; i++) {
    const factor = i < rank ? 1 / values[i]! : 0;
    for (let j = 0; j < m; j++) weighted[i * m + j]! *= factor;
  }
  const condition = rank === 0 ? Number.NaN : Math.sqrt(largest / values[rank - 1]!);
  return { map: multiply(transposed(vectors, n, n), weighted, [n, n, m]), rank, condition };
}
