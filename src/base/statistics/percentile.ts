/** @file Percentiles, by NumPy's default definition. */

/**
 * The value below which a fraction `q` of the finite values lies, interpolated between neighbours.
 *
 * @param q In [0, 1].
 * @returns undefined without a finite value.
 */
export function percentile(values: ArrayLike<number>, q: number): number | undefined {
  const sorted = Float64Array.from(Array.from(values).filter(Number.isFinite)).sort();
  if (sorted.length === 0) return undefined;
  const at = Math.min(1, Math.max(0, q)) * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
