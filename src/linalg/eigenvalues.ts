/**
 * @file Eigenvalues of any real matrix: reduction to Hessenberg form, then Francis' double-shift QR
 *   steps (Golub and Van Loan 2013, algorithms 7.4.2 and 7.5.2). Own code, because ml-matrix 6.15
 *   never ends on a quarter turn with rounding errors. What it takes for zero depends on
 *   neighbours, which may be zero themselves. Here it depends on the whole matrix.
 */

/** A complex number in polar form. */
export interface Eigenvalue {
  /** |λ|, at 0 or above. */
  readonly modulus: number;
  /** Radians in [0, π]: that of λ or of its conjugate, which is an eigenvalue as well. */
  readonly angle: number;
}

/** QR steps for one eigenvalue, at most; a handful is usual. */
const MOST_STEPS = 60;

/** Every so many steps without success, an unusual shift breaks a cycle. */
const UNUSUAL_EVERY = 10;

/** The rows or columns `from` … `from + v.length − 1` that a reflection I − 2 v vᵀ / vᵀv mixes. */
interface Reflection {
  readonly from: number;
  readonly v: readonly number[];
}

/** The reflection that takes x to a multiple of the first axis; undefined where it is there. */
function reflectionOf(from: number, x: readonly number[]): Reflection | undefined {
  const norm = Math.hypot(...x);
  if (norm === 0) return undefined;
  return { from, v: x.map((value, i) => (i === 0 ? value + (value < 0 ? -norm : norm) : value)) };
}

/** A [n, n] becomes P A P for a reflection P, in the given columns and rows alone. */
function reflect(
  a: Float64Array,
  n: number,
  { from, v }: Reflection,
  columns: readonly [number, number],
  rows: readonly [number, number],
): void {
  const beta = 2 / v.reduce((sum, value) => sum + value * value, 0);
  for (let j = columns[0]; j <= columns[1]; j++) {
    let dot = 0;
    for (let i = 0; i < v.length; i++) dot += v[i]! * a[(from + i) * n + j]!;
    dot *= beta;
    for (let i = 0; i < v.length; i++) a[(from + i) * n + j]! -= dot * v[i]!;
  }
  for (let i = rows[0]; i <= rows[1]; i++) {
    const row = i * n + from;
    let dot = 0;
    for (let j = 0; j < v.length; j++) dot += v[j]! * a[row + j]!;
    dot *= beta;
    for (let j = 0; j < v.length; j++) a[row + j]! -= dot * v[j]!;
  }
}

/** A becomes a matrix with the same eigenvalues and zeros below the first subdiagonal. */
function toHessenberg(a: Float64Array, n: number): void {
  for (let k = 0; k < n - 2; k++) {
    const below = Array.from({ length: n - k - 1 }, (_, i) => a[(k + 1 + i) * n + k]!);
    const reflection = reflectionOf(k + 1, below);
    if (reflection) reflect(a, n, reflection, [k, n - 1], [0, n - 1]);
  }
}

/** One double step on the rows and columns `low` … `high`, of which there are three at least. */
function francisStep(
  h: Float64Array,
  n: number,
  low: number,
  high: number,
  isUnusual: boolean,
): void {
  const at = (i: number, j: number) => h[i * n + j]!;
  const last = high - 1;
  const unusual = Math.abs(at(high, last)) + Math.abs(at(last, last - 1));
  const trace = isUnusual ? 1.5 * unusual : at(last, last) + at(high, high);
  const determinant = isUnusual
    ? unusual ** 2
    : at(last, last) * at(high, high) - at(last, high) * at(high, last);
  let x = [
    at(low, low) ** 2 + at(low, low + 1) * at(low + 1, low) - trace * at(low, low) + determinant,
    at(low + 1, low) * (at(low, low) + at(low + 1, low + 1) - trace),
    at(low + 2, low + 1) * at(low + 1, low),
  ];
  for (let k = low; k < high; k++) {
    const reflection = reflectionOf(k, x);
    const columns = [Math.max(low, k - 1), high] as const;
    if (reflection) reflect(h, n, reflection, columns, [low, Math.min(k + 3, high)]);
    x = Array.from({ length: Math.min(3, high - k) }, (_, i) => at(k + 1 + i, k));
  }
}

const polar = (re: number, im: number): Eigenvalue => ({
  modulus: Math.hypot(re, im),
  angle: Math.atan2(im, re),
});

/** Eigenvalues of [[a, b], [c, d]]. */
function ofTwo(a: number, b: number, c: number, d: number): Eigenvalue[] {
  const half = (a - d) / 2;
  const square = half * half + b * c;
  if (square < 0) {
    const one = polar(d + half, Math.sqrt(-square));
    return [one, one];
  }
  const far = half + (half < 0 ? -1 : 1) * Math.sqrt(square);
  return [polar(d + far, 0), polar(far === 0 ? d : d - (b * c) / far, 0)];
}

/**
 * The eigenvalues of A [n, n], with their multiplicities, in ascending order of angle and then of
 * modulus. About 10 n³ operations on the calling thread.
 *
 * @returns undefined where they are not found, for a matrix that is not finite.
 */
export function eigenvalues(matrix: ArrayLike<number>, n: number): Eigenvalue[] | undefined {
  const h = Float64Array.from(matrix);
  toHessenberg(h, n);
  const least = Number.EPSILON * Math.sqrt(h.reduce((sum, v) => sum + v * v, 0));
  const found: Eigenvalue[] = [];
  for (let high = n - 1, steps = 0; high >= 0; ) {
    let low = high;
    while (low > 0 && !(Math.abs(h[low * n + low - 1]!) <= least)) low--;
    if (low > 0) h[low * n + low - 1] = 0;
    const at = high * n + high;
    if (low >= high - 1) {
      if (low === high) found.push(polar(h[at]!, 0));
      else found.push(...ofTwo(h[at - n - 1]!, h[at - n]!, h[at - 1]!, h[at]!));
      high = low - 1;
      steps = 0;
      continue;
    }
    if (++steps > MOST_STEPS) return undefined;
    francisStep(h, n, low, high, steps % UNUSUAL_EVERY === 0);
  }
  if (!found.every(({ modulus }) => Number.isFinite(modulus))) return undefined;
  return found.sort((a, b) => a.angle - b.angle || a.modulus - b.modulus);
}
