/**
 * @file Which true features synthetic rows are made of. The rows are drawn once more, with
 *   directions of their own in place of the features: each element is then a coefficient.
 */

import type { Backend } from "../../backend/backend.ts";

/** Rows that are drawn at a time. */
const BLOCK_ROWS = 1024;
/** Features whose coefficients are drawn at a time. */
const COLUMNS = 1024;

/** More features than this would have to be drawn in too many passes. */
export const MOST_KNOWN_FEATURES = 2 ** 14;

/** The features of some rows: those of row i are from start[i] to start[i + 1], ascending. */
export interface RowFeatures {
  /** [rows + 1] */
  readonly start: Int32Array;
  readonly features: Int32Array;
  /** Their coefficients, which are not 0. */
  readonly coefficients: Float32Array;
}

/** Makes what writes rows of other features, [features, columns], without noise. */
export type FillerOf = (
  features: Float32Array,
  columns: number,
) => (start: number, out: Float32Array) => Promise<void>;

/**
 * Finds the features that rows are made of.
 *
 * @param count    Number of features, at most `MOST_KNOWN_FEATURES`.
 * @param rows     Numbers of rows, ascending.
 * @param fillerOf Draws the same rows of whatever features it is given.
 */
export async function featuresOfRows(
  backend: Backend,
  count: number,
  rows: Int32Array,
  fillerOf: FillerOf,
): Promise<RowFeatures> {
  const found = Array.from(rows, (): { features: number[]; coefficients: number[] } => {
    return { features: [], coefficients: [] };
  });
  for (let first = 0; first < count; first += COLUMNS) {
    const columns = Math.min(COLUMNS, count - first);
    const directions = backend.float32(count * columns);
    for (let j = 0; j < columns; j++) directions[(first + j) * columns + j] = 1;
    const fill = fillerOf(directions, columns);
    const block = backend.float32(BLOCK_ROWS * columns);
    for (let from = 0, to = 0; from < rows.length; from = to) {
      const start = rows[from]!;
      while (to < rows.length && rows[to]! < start + BLOCK_ROWS) to++;
      const drawn = block.subarray(0, (rows[to - 1]! - start + 1) * columns);
      await fill(start, drawn);
      for (let i = from; i < to; i++)
        for (let j = 0; j < columns; j++) {
          const value = drawn[(rows[i]! - start) * columns + j]!;
          if (value === 0) continue;
          found[i]!.features.push(first + j);
          found[i]!.coefficients.push(value);
        }
    }
  }
  const start = new Int32Array(rows.length + 1);
  for (const [i, { features }] of found.entries()) start[i + 1] = start[i]! + features.length;
  return {
    start,
    features: Int32Array.from(found.flatMap(({ features }) => features)),
    coefficients: Float32Array.from(found.flatMap(({ coefficients }) => coefficients)),
  };
}
