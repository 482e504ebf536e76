/**
 * @file The graph on which an assignment is solved: a few best partners of every atom instead of all of them, with a bound on
 * what was left out.
 */

import type { Backend } from "../../backend/backend.ts";
import type { Dictionary } from "./dictionary.ts";

/** Up to this many pairs every pair is a candidate. */
const DENSE_PAIRS = 2 ** 21;
const CANDIDATES = 48;

export interface CandidateRow {
  /** Columns and their cosines; every column appears at most once. */
  columns: Int32Array;
  similarity: Float32Array;
  /** No column outside the list has a larger cosine; −∞ when none is outside. */
  bound: number;
}

/** All cosines of some rows of a with all of b, [rows.length, b.count]. */
export async function cosineRows(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
  rows: Int32Array,
): Promise<Float32Array> {
  const gathered = backend.float32(rows.length * a.d);
  const count = rows.length;
  await backend.gatherRows({ matrix: a.unit, index: rows, count, columns: a.d, out: gathered });
  const c = backend.float32(count * b.count);
  const shape = { m: count, n: b.count, k: a.d };
  await backend.gemm({ a: gathered, b: b.unit, c, ...shape, transposeB: true });
  return c;
}

/** A row that lists every column. */
export function completeRow(cosines: Float32Array): CandidateRow {
  return {
    columns: Int32Array.from({ length: cosines.length }, (_, j) => j),
    similarity: cosines,
    bound: Number.NEGATIVE_INFINITY,
  };
}

/** The best partners of every atom of a among those of b: all for small dictionaries, otherwise the 48 best. */
export async function candidateRows(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
): Promise<CandidateRow[]> {
  const { count: n } = a;
  const { count: m, d } = b;
  if (n * m <= DENSE_PAIRS || m <= 2 * CANDIDATES) {
    const all = await cosineRows(
      backend,
      a,
      b,
      Int32Array.from({ length: n }, (_, i) => i),
    );
    return Array.from({ length: n }, (_, i) => completeRow(all.subarray(i * m, (i + 1) * m)));
  }
  const shape = { dIn: d, dSae: m, k: CANDIDATES };
  const packed = backend.bytes(backend.encoderPacking(shape).bytes);
  await backend.packEncoder({ ...shape, W: b.unit, packed });
  const indices = backend.int32(n * CANDIDATES);
  const values = backend.float32(n * CANDIDATES);
  await backend.encodeTopK({
    ...{ ...shape, x: a.unit, batch: n, W: b.unit, bias: undefined, packed },
    ...{ margin: 48, relu: false, indices, values },
  });
  return Array.from({ length: n }, (_, i) => {
    const similarity = values.subarray(i * CANDIDATES, (i + 1) * CANDIDATES);
    const columns = indices.subarray(i * CANDIDATES, (i + 1) * CANDIDATES);
    return { columns, similarity, bound: similarity.reduce((least, s) => Math.min(least, s)) };
  });
}

/** The rows as one CSR graph. */
export function graphOf(rows: readonly CandidateRow[]): {
  indptr: Int32Array;
  columns: Int32Array;
  similarity: Float32Array;
} {
  const indptr = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    indptr[i + 1] = indptr[i]! + row.columns.length;
  });
  const columns = new Int32Array(indptr[rows.length]!);
  const similarity = new Float32Array(columns.length);
  rows.forEach((row, i) => {
    columns.set(row.columns, indptr[i]!);
    similarity.set(row.similarity, indptr[i]!);
  });
  return { indptr, columns, similarity };
}
