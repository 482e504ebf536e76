/** @file In how many directions rows vary. */

import { ConcordError } from "../../errors.ts";

/** Directions with less than this share of the largest variance are rounding errors of float32. */
const NEGLIGIBLE = 1e-7;

/** Directions that have variance. @param variances Descending. */
export function widest(variances: Float64Array): number {
  const least = NEGLIGIBLE * Math.max(variances[0] ?? 0, 0);
  return variances.filter((v) => v > least).length;
}

/** @throws {ConcordError} "argument/invalid" for rows that are all the same. */
export function requireVariance(rank: number, rows: number): void {
  if (rank > 0) return;
  throw new ConcordError(
    "argument/invalid",
    `The ${rows} fitting rows are all the same: they have no components.`,
    { hint: "Fit to more rows, or check the data." },
  );
}
