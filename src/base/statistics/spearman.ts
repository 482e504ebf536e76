/** @file Spearman's rank correlation. */

/** Ranks from 0; equal values share the mean of their ranks. */
function ranks(values: Float32Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const out = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) out[order[i]!] = (start + end - 1) / 2;
    start = end;
  }
  return out;
}

/**
 * Pearson's correlation of the ranks of two lists of one length, in [−1, 1]; equal values share
 * their mean rank.
 *
 * @returns NaN when a list is constant or has fewer than two values.
 */
export function spearman(x: Float32Array, y: Float32Array): number {
  const [a, b] = [ranks(x), ranks(y)];
  const mean = (x.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [u, v] = [a[i]! - mean, b[i]! - mean];
    xy += u * v;
    xx += u * u;
    yy += v * v;
  }
  return xy / Math.sqrt(xx * yy);
}
