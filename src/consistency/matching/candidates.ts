/**
 * @file The graph on which an assignment is solved: a few best partners of every atom instead of all of them, with a bound on
 * what was left out. "Best" is by reduced similarity cos(r, c) − v_c at the duals v to start from, because that is what the
 * assignment compares: with the duals of a similar problem the right partners come first.
 */

import type { Backend } from "../../backend/backend.ts";
import type { Dictionary } from "./dictionary.ts";
import { PackedAtoms } from "./packed-atoms.ts";

const CANDIDATES = 16;

/** Candidate pairs as CSR: row r may be matched with columns[indptr[r] … indptr[r + 1]). */
export interface CandidateGraph {
  readonly indptr: Int32Array;
  readonly columns: Int32Array;
  readonly similarity: Float32Array;
  /** Per row, a reduced similarity that no column outside its list exceeds; −∞ when none is outside. */
  readonly bound: Float32Array;
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

/**
 * The 16 best partners of every atom of a among those of b.
 *
 * @param v Duals of b's atoms, [b.count].
 * @param floor Reduced similarities below which partners need not be listed, [a.count]; default: none.
 */
export async function candidateGraph(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
  v: Float64Array,
  floor?: Float32Array,
): Promise<CandidateGraph> {
  const n = a.count;
  const { count: m, d } = b;
  const k = Math.min(CANDIDATES, m);
  const shape = { dIn: d, dSae: m, k };
  const packed = await (b.packed ?? new PackedAtoms(backend, b.unit)).get(shape);
  const indices = backend.int32(n * k);
  const values = backend.float32(n * k);
  const bias = Float32Array.from(v, (x) => -x);
  await backend.encodeTopK({
    x: a.unit,
    ...shape,
    ...{ batch: n, W: b.unit, bias, packed },
    ...{ margin: 6 * k, floor, relu: false, indices, values },
  });
  const bound = new Float32Array(n);
  const indptr = new Int32Array(n + 1);
  let listed = 0;
  for (let i = 0; i < n; i++) {
    let least = Number.POSITIVE_INFINITY;
    for (let e = i * k; e < (i + 1) * k; e++) {
      if (indices[e]! < 0) {
        least = floor![i]!;
        break;
      }
      least = Math.min(least, values[e]!);
      // What is left behind has been read.
      indices[listed] = indices[e]!;
      values[listed++] = values[e]! - bias[indices[e]!]!;
    }
    bound[i] = least;
    indptr[i + 1] = listed;
  }
  return {
    ...{ indptr, bound },
    columns: indices.subarray(0, listed),
    similarity: values.subarray(0, listed),
  };
}

/** Columns to add to a row; they must not be listed there yet. */
export interface Addition {
  readonly columns: readonly number[];
  readonly similarity: readonly number[];
  /** The row lists every column with these. */
  readonly complete: boolean;
}

/** The graph with more candidates in some rows. */
export function extended(
  graph: CandidateGraph,
  additions: ReadonlyMap<number, Addition>,
): CandidateGraph {
  const n = graph.bound.length;
  const indptr = new Int32Array(n + 1);
  for (let r = 0; r < n; r++) {
    const more = additions.get(r)?.columns.length ?? 0;
    indptr[r + 1] = indptr[r]! + (graph.indptr[r + 1]! - graph.indptr[r]!) + more;
  }
  const columns = new Int32Array(indptr[n]!);
  const similarity = new Float32Array(indptr[n]!);
  const bound = graph.bound.slice();
  for (let r = 0; r < n; r++) {
    const [from, to] = [graph.indptr[r]!, graph.indptr[r + 1]!];
    columns.set(graph.columns.subarray(from, to), indptr[r]!);
    similarity.set(graph.similarity.subarray(from, to), indptr[r]!);
    const addition = additions.get(r);
    if (!addition) continue;
    columns.set(addition.columns, indptr[r]! + to - from);
    similarity.set(addition.similarity, indptr[r]! + to - from);
    if (addition.complete) bound[r] = Number.NEGATIVE_INFINITY;
  }
  return { indptr, columns, similarity, bound };
}
