/** @file The point with the least sum of distances to a batch: a robust centre for b_dec. */

import type { Backend } from "../../backend/backend.ts";

const MAX_ITERATIONS = 100;
const TOLERANCE = 1e-5;

/** Mean of the rows of x [rows, columns]. */
export async function meanOfRows(
  backend: Backend,
  x: Float32Array,
  rows: number,
  columns: number,
): Promise<Float32Array> {
  const out = backend.float32(columns);
  await backend.weightedRowSum({ matrix: x, rows, columns, out });
  for (let j = 0; j < columns; j++) out[j]! /= rows;
  return out;
}

/**
 * The geometric median of the rows of x, by Weiszfeld's iteration from their mean: weights 1 /
 * distance, at most 100 rounds, until the point moves by less than 1e-5. Follows
 * dictionary_learning's trainers/top_k.py; a row that coincides with the current point gets no
 * weight instead of an infinite one.
 *
 * @returns [columns]
 */
export async function geometricMedian(
  backend: Backend,
  x: Float32Array,
  rows: number,
  columns: number,
): Promise<Float32Array> {
  let guess = await meanOfRows(backend, x, rows, columns);
  const centred = backend.float32(rows * columns);
  const squared = backend.float32(rows);
  const empty = {
    indptr: new Int32Array(rows + 1),
    indices: new Int32Array(0),
    values: new Float32Array(0),
    wDec: new Float32Array(0),
  };
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    await backend.center({ x, offset: guess, batch: rows, dIn: columns, out: centred });
    // Decoding an empty code leaves the squared norm of each row.
    const target = { target: centred, targetScale: -1, residual: centred };
    await backend.decode({ batch: rows, dIn: columns, rowLoss: squared, ...empty, ...target });
    const weight = backend.float32(rows);
    let total = 0;
    for (let b = 0; b < rows; b++) {
      weight[b] = squared[b]! > 0 ? 1 / Math.sqrt(squared[b]!) : 0;
      total += weight[b]!;
    }
    if (total === 0) return guess;
    for (let b = 0; b < rows; b++) weight[b]! /= total;
    const next = backend.float32(columns);
    await backend.weightedRowSum({ matrix: x, weight, rows, columns, out: next });
    let moved = 0;
    for (let j = 0; j < columns; j++) moved += (next[j]! - guess[j]!) ** 2;
    guess = next;
    if (Math.sqrt(moved) < TOLERANCE) break;
  }
  return guess;
}
