/** @file Products of matrices in float64, row-major. */

/** a b [n, m] of a [n, k] and b [k, m]. */
export function multiply(
  a: Float64Array,
  b: Float64Array,
  [n, k, m]: readonly [number, number, number],
): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    const to = out.subarray(i * m, (i + 1) * m);
    for (let l = 0; l < k; l++) {
      const factor = a[i * k + l]!;
      if (factor === 0) continue;
      const at = l * m;
      for (let j = 0; j < m; j++) to[j]! += factor * b[at + j]!;
    }
  }
  return out;
}

/** aᵀ [m, n] of a [n, m]. */
export function transposed(a: Float64Array, n: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[j * n + i] = a[i * m + j]!;
  return out;
}
