/** @file Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations, in float64. */

const MAX_SWEEPS = 60;

/**
 * Diagonalises A = Σ λ_i v_i v_iᵀ.
 *
 * Cyclic Jacobi: every off-diagonal element in turn is rotated to zero, until their sum of squares
 * is below 1e-22 of all. Elements too small to matter are left out, which makes nearly diagonal
 * matrices cheap.
 *
 * @param matrix [n, n], symmetric; not changed.
 * @returns Eigenvalues [n], descending, and eigenvectors [n, n], one a row, in the same order.
 * @see Golub and Van Loan, "Matrix Computations", 4th ed., §8.5.
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const all = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += 2 * a[p * n + q]! ** 2;
    if (off <= 1e-22 * all) break;
    const negligible = (1e-24 * all) / (n * n);
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (a[p * n + q]! ** 2 <= negligible) continue;
        rotate(a, v, n, p, q);
      }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => a[j * n + j]! - a[i * n + i]!,
  );
  const vectors = new Float64Array(n * n);
  for (const [row, i] of order.entries()) vectors.set(v.subarray(i * n, (i + 1) * n), row * n);
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

/** Makes a[p, q] zero: A ← JᵀAJ, and the rows of v, which are the eigenvectors, turn with it. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const ratio = (a[q * n + q]! - a[p * n + p]!) / (2 * a[p * n + q]!);
  const t = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[p * n + i]!, a[q * n + i]!];
    a[p * n + i] = c * x - s * y;
    a[q * n + i] = s * x + c * y;
    const [u, w] = [v[p * n + i]!, v[q * n + i]!];
    v[p * n + i] = c * u - s * w;
    v[q * n + i] = s * u + c * w;
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i * n + p]!, a[i * n + q]!];
    a[i * n + p] = c * x - s * y;
    a[i * n + q] = s * x + c * y;
  }
}
