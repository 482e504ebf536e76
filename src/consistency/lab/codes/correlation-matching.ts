/**
 * @file One-to-one matching of latents by how alike they fire, which needs no common space: SAEs of
 *   different models can be compared.
 *
 *   r_ij         Pearson correlation of latents i and j over all rows, zeros included
 *   correlation  mean r under the one-to-one assignment in which it is largest
 *
 * Its null is the same of rows that do not belong together: those of b are shifted around by a
 * fixed, random number of rows. It shows what the search for the best partners gives by chance.
 *
 * Sources: "Sparse Autoencoder Universality" (Gerovitch and Parker-Sartori 2023) takes the largest
 * correlation per latent; Lan et al. 2024, arXiv:2410.06981, pair latents one to one as well. Here
 * the assignment is exact.
 */

import type { Backend } from "../../../backend/backend.ts";
import { integerAt, randomStream } from "../../../base/philox.ts";
import type { CodeRow, KeptCodes } from "./kept-codes.ts";

/**
 * Correlations that are held in memory, 4 bytes each: 256 MiB. Of wider SAEs the latents that are
 * active in the most rows are matched.
 */
const MOST_CORRELATIONS = 2 ** 26;

/** An assignment of latents by correlation. */
export interface CorrelationMatching {
  /** For each latent of a its partner in b, or −1. */
  readonly partnerOfA: Int32Array;
  /** Correlation of each latent of a with its partner; 0 without one. */
  readonly correlation: Float32Array;
  /** Mean over matched pairs; NaN without any. */
  readonly mean: number;
  readonly pairs: number;
}

/** Latents of one SAE whose activation varies over the rows: only those have a correlation. */
export interface LiveLatents {
  /** Ascending. */
  readonly latents: Int32Array;
  /** Those that vary, also where not all of them are matched. */
  readonly all: number;
}

/**
 * The latents of a and of b that are matched. They are all that vary, or the most frequent of them
 * where there would be more than `most` pairs.
 */
export function liveLatents(
  a: KeptCodes,
  b: KeptCodes,
  most = MOST_CORRELATIONS,
): readonly [LiveLatents, LiveLatents] {
  const [ofA, ofB] = [varying(a), varying(b)];
  const square = Math.floor(Math.sqrt(most));
  const fromA = Math.min(ofA.length, Math.max(square, Math.floor(most / Math.max(1, ofB.length))));
  const fromB = Math.min(ofB.length, Math.floor(most / Math.max(1, fromA)));
  return [mostFrequent(a, ofA, fromA), mostFrequent(b, ofB, fromB)];
}

function varying(codes: KeptCodes): number[] {
  return Array.from(codes.active.keys()).filter((i) => codes.variation(i) > 0);
}

function mostFrequent(codes: KeptCodes, of: number[], count: number): LiveLatents {
  const all = of.length;
  const chosen = count < all ? of.sort((i, j) => codes.active[j]! - codes.active[i]! || i - j) : of;
  return { latents: Int32Array.from(chosen.slice(0, count)).sort(), all };
}

/** The shift of the null: from a quarter to three quarters of the rows. */
export function nullShift(rows: number): number {
  const span = Math.max(1, Math.floor(rows / 2));
  return Math.max(1, Math.floor(rows / 4)) + integerAt(randomStream(0, "lab/shift"), 0, span);
}

/**
 * Correlations of latents of a with latents of b, [a.length, b.length].
 *
 * Σ z z' is summed over pairs of latents that are active in the same row, so the time is that of
 * rows × L0 × L0'.
 *
 * @param shift Row r of a goes with row r + shift of b, around the end.
 */
function correlations(
  a: KeptCodes,
  b: KeptCodes,
  [ofA, ofB]: readonly [Int32Array, Int32Array],
  shift = 0,
): Float32Array {
  const { rows } = a;
  const width = ofB.length;
  const out = new Float32Array(ofA.length * width);
  const columnOf = placeOf(ofB, b.latents);
  const scaleOfB = Float64Array.from(ofB, (j) => 1 / Math.sqrt(b.variation(j)));
  const sumOfB = Float64Array.from(ofB, (j) => b.sum[j]!);
  const byLatent = a.byLatent();
  // One latent at a time, so that its sums stay in the processor's cache.
  const sums = new Float64Array(width);
  for (const [at, i] of ofA.entries()) {
    sums.fill(0);
    for (let e = byLatent.indptr[i]!; e < byLatent.indptr[i + 1]!; e++)
      addRow(sums, byLatent.values[e]!, b.row((byLatent.rows[e]! + shift) % rows), columnOf);
    const scale = 1 / Math.sqrt(a.variation(i));
    const mean = a.sum[i]! / rows;
    const row = out.subarray(at * width, (at + 1) * width);
    for (let c = 0; c < width; c++) row[c] = (sums[c]! - mean * sumOfB[c]!) * scale * scaleOfB[c]!;
  }
  return out;
}

/** Adds `value` times the row's activations. */
function addRow(sums: Float64Array, value: number, row: CodeRow, columnOf: Int32Array): void {
  const { indices, values, to } = row;
  for (let f = row.from; f < to; f++) {
    const column = columnOf[indices[f]!]!;
    if (column >= 0) sums[column]! += value * values[f]!;
  }
}

/** Where each latent stands in a list; −1 for the others. */
function placeOf(list: Int32Array, latents: number): Int32Array {
  const places = new Int32Array(latents).fill(-1);
  for (const [at, latent] of list.entries()) places[latent] = at;
  return places;
}

/** Matches latents so that the sum of their correlations is largest; see `correlations`. */
export async function matchByCorrelation(
  backend: Backend,
  a: KeptCodes,
  b: KeptCodes,
  latents: readonly [Int32Array, Int32Array],
  shift = 0,
): Promise<CorrelationMatching> {
  const [ofA, ofB] = latents;
  const partnerOfA = new Int32Array(a.latents).fill(-1);
  const correlation = new Float32Array(a.latents);
  const pairs = Math.min(ofA.length, ofB.length);
  if (pairs === 0) return { partnerOfA, correlation, mean: Number.NaN, pairs };
  // The assignment wants at most as many rows as columns.
  const isTurned = ofA.length > ofB.length;
  const found = isTurned
    ? correlations(b, a, [ofB, ofA], a.rows - shift)
    : correlations(a, b, latents, shift);
  const [n, m] = isTurned ? [ofB.length, ofA.length] : [ofA.length, ofB.length];
  const columnOfRow = new Int32Array(n);
  await backend.assign({
    n,
    m,
    similarity: found,
    columnOfRow,
    indptr: Int32Array.from({ length: n + 1 }, (_, r) => r * m),
    v: new Float64Array(m),
    u: new Float64Array(n),
    margin: new Float64Array(n),
  });
  let total = 0;
  for (const [row, column] of columnOfRow.entries()) {
    const [i, j] = isTurned ? [ofA[column]!, ofB[row]!] : [ofA[row]!, ofB[column]!];
    partnerOfA[i] = j;
    correlation[i] = found[row * m + column]!;
    total += found[row * m + column]!;
  }
  return { partnerOfA, correlation, mean: total / pairs, pairs };
}
