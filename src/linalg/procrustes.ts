/** @file The rotation between two spaces that keeps most of what their samples have in common. */

import { multiply, transposed } from "./multiply.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** Singular values below this share of the largest say nothing about a direction. */
const NEGLIGIBLE = 1e-7;

/** The steps that make R orthogonal to rounding after two squarings of the condition. */
const POLISHING_STEPS = 3;

/**
 * Orthogonal Procrustes: the R [n, m] with orthonormal columns (n ≥ m) or rows (n ≤ m) that makes
 * tr(RᵀC) largest, so that x R is nearest to y in mean square for centred x [n], y [m] and n = m.
 * R = U Vᵀ of the singular value decomposition C = U Σ Vᵀ.
 *
 * Directions that are not correlated at all are left out: R is then zero on them.
 *
 * @param cross C = Σ x yᵀ, [n, m].
 * @see Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".
 */
export function procrustes(cross: Float64Array, n: number, m: number): Float64Array {
  if (n < m) return transposed(procrustes(transposed(cross, n, m), m, n), m, n);
  const gram = multiply(transposed(cross, n, m), cross, [m, n, m]);
  const { values, vectors } = symmetricEigen(gram, m);
  const least = NEGLIGIBLE ** 2 * Math.max(values[0] ?? 0, 0);
  // (CᵀC)^(−1/2), without the directions of no correlation.
  const scaled = vectors.slice();
  for (let i = 0; i < m; i++) {
    const factor = values[i]! > least ? 1 / Math.sqrt(values[i]!) : 0;
    for (let j = 0; j < m; j++) scaled[i * m + j]! *= factor;
  }
  let r = multiply(cross, multiply(transposed(vectors, m, m), scaled, [m, m, m]), [n, m, m]);
  for (let step = 0; step < POLISHING_STEPS; step++) r = polished(r, n, m);
  return r;
}

/** R (3 I − RᵀR) / 2: one step of Newton and Schulz towards the nearest orthogonal matrix. */
function polished(r: Float64Array, n: number, m: number): Float64Array {
  const correction = multiply(transposed(r, n, m), r, [m, n, m]).map((v) => -v / 2);
  for (let i = 0; i < m; i++) correction[i * m + i]! += 1.5;
  return multiply(r, correction, [n, m, m]);
}
