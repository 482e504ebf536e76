/**
 * @file The eigenvalues of a large symmetric matrix, without its eigenvectors: Householder's
 *   tridiagonal form, whose eigenvalues are found by counting and halving.
 */

/** Halvings of an interval; the last is below a unit in the last place of its ends. */
const HALVINGS = 60;

/** Main and side diagonal of a tridiagonal matrix with the same eigenvalues; `a` is used up. */
function tridiagonal(a: Float64Array, n: number) {
  const diagonal = new Float64Array(n);
  const side = new Float64Array(n);
  const [v, w] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = a[k * n + k]!;
    let squares = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[k * n + i]!;
      squares += v[i]! ** 2;
    }
    const length = Math.sqrt(squares);
    const alpha = v[k + 1]! > 0 ? -length : length;
    side[k + 1] = alpha;
    v[k + 1]! -= alpha;
    const vv = squares - 2 * alpha * a[k * n + k + 1]! + alpha ** 2;
    if (!(vv > 0)) continue;
    reflect(a, n, k + 1, 2 / vv, v, w);
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1]!;
  return { diagonal, side };
}

/** A ← H A H on the rows and columns from `start` on, H = I − β v vᵀ. */
function reflect(
  a: Float64Array,
  n: number,
  start: number,
  beta: number,
  v: Float64Array,
  w: Float64Array,
): void {
  let product = 0;
  for (let i = start; i < n; i++) {
    let sum = 0;
    for (let j = start; j < n; j++) sum += a[i * n + j]! * v[j]!;
    w[i] = beta * sum;
    product += w[i]! * v[i]!;
  }
  for (let i = start; i < n; i++) w[i]! -= (beta / 2) * product * v[i]!;
  for (let i = start; i < n; i++) {
    const [vi, wi] = [v[i]!, w[i]!];
    for (let j = start; j < n; j++) a[i * n + j]! -= vi * w[j]! + wi * v[j]!;
  }
}

/** How many eigenvalues of a tridiagonal matrix lie below x: the negative pivots of A − x. */
function countBelow(diagonal: Float64Array, squares: Float64Array, x: number): number {
  let [count, pivot] = [0, 1];
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i]! - x - (i > 0 ? squares[i]! / pivot : 0);
    if (pivot === 0) pivot = Number.EPSILON * (Math.abs(x) + 1e-300);
    if (pivot < 0) count++;
  }
  return count;
}

/**
 * The eigenvalues of a symmetric matrix [n, n], descending; within about 1e-15 of the largest. The
 * time grows with n³: a second at 768.
 *
 * @param matrix Not changed.
 * @see Golub and Van Loan, "Matrix Computations", 4th ed., §8.3.1 and §8.4.1.
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  const { diagonal, side } = tridiagonal(matrix.slice(), n);
  const squares = side.map((s) => s * s);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    const radius = Math.abs(side[i]!) + Math.abs(side[i + 1] ?? 0);
    low = Math.min(low, diagonal[i]! - radius);
    high = Math.max(high, diagonal[i]! + radius);
  }
  const values = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    // The k-th largest has n − 1 − k below it, and none is above the one found before.
    let [from, to] = [low, k === 0 ? high : values[k - 1]!];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (from + to) / 2;
      if (middle <= from || middle >= to) break;
      if (countBelow(diagonal, squares, middle) > n - 1 - k) to = middle;
      else from = middle;
    }
    values[k] = (from + to) / 2;
  }
  return values;
}
