/** @file Rows of whole orbits in memory. */

import { expected } from "../errors.ts";

/** Some orbits. */
export interface Orbits {
  /** [count, size, d], the canonical pose first. */
  readonly rows: Float32Array;
  readonly count: number;
  readonly size: number;
  readonly d: number;
}

/**
 * Rows [count · size, d] as orbits.
 *
 * @throws {ConcordError} "argument/invalid" when they are not whole orbits, or there are none.
 */
export function orbitsOf(rows: Float32Array, size: number, d: number): Orbits {
  const count = rows.length / (size * d);
  if (!Number.isInteger(count) || count < 1)
    throw expected("rows", `whole orbits of ${size} rows, one orbit at least`, rows.length / d);
  return { rows, count, size, d };
}
