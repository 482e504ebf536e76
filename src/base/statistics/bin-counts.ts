/** @file Counts of values in bins of equal width. */

/**
 * Counts of the values in `bins` equal bins from `start` to `end`; values beyond fall into the
 * outermost, those not finite nowhere.
 */
export function binCounts(
  values: ArrayLike<number>,
  start: number,
  end: number,
  bins: number,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const bin = Math.floor(((value - start) / (end - start)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return counts;
}
