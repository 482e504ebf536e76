/** @file How long rows of activations are, and from when on one is an outlier. */

/** Rows longer than this many times the median length are outliers, such as attention sinks. */
export const OUTLIER_NORM = 10;

/** Euclidean length of each row of `rows` [rows, d], for any d: [rows]. */
export function rowNorms(rows: Float32Array, d: number): Float64Array {
  const norms = new Float64Array(rows.length / d);
  for (const r of norms.keys()) {
    let sum = 0;
    for (let i = r * d; i < (r + 1) * d; i++) sum += rows[i]! ** 2;
    norms[r] = Math.sqrt(sum);
  }
  return norms;
}
