/**
 * @file The graph on which an assignment is solved: a few good partners per atom instead of all of
 *   them.
 *
 * "Good" means a large reduced similarity cos(r, c) − v_c at the duals v to start from, because the
 * assignment compares those. With the duals of a similar problem, the right partners come first.
 */

import type { Backend } from "../../backend/backend.ts";
import type { AtomGroups } from "./atom-groups.ts";
import type { Dictionary } from "./dictionary.ts";
import { PackedAtoms } from "./packed-atoms.ts";

export const CANDIDATES = 16;
/** This many rows at a time are scored against every column. */
export const ROWS_AT_ONCE = 256;

/** Candidate pairs as CSR: row r may be matched with columns[indptr[r] … indptr[r + 1]). */
export interface CandidateGraph {
  readonly indptr: Int32Array;
  readonly columns: Int32Array;
  readonly similarity: Float32Array;
}

/**
 * Two dictionaries to match, with at most as many rows as columns, and what is known of unlisted
 * pairs.
 */
export interface Pair {
  readonly rows: Dictionary;
  readonly columns: Dictionary;
  /** Groups of the columns. */
  readonly groups: AtomGroups;
  /** Column duals, [columns.count]. */
  readonly v: Float64Array;
  /**
   * [rows.count, groups]. An upper bound on the reduced similarities of a row with the unlisted
   * columns of a group; +∞ where nothing is known.
   */
  readonly reach: Float32Array;
}

/** The graph that lists only the matched pairs. */
export function matchedGraph(columnOfRow: Int32Array, cosine: Float32Array): CandidateGraph {
  const indptr = Int32Array.from({ length: columnOfRow.length + 1 }, (_, r) => r);
  return { indptr, columns: columnOfRow.slice(), similarity: cosine.slice() };
}

/** The graph that lists no pair. */
export function emptyGraph(rows: number): CandidateGraph {
  const none = { columns: new Int32Array(0), similarity: new Float32Array(0) };
  return { indptr: new Int32Array(rows + 1), ...none };
}

/**
 * The best partners found for some rows. Those of row rows[i] are at i, [rows.length, at most 16];
 * −1 fills up where fewer were found.
 */
export interface Found {
  /** Ascending. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Reduced similarities. */
  readonly reduced: Float32Array;
}

/** Where rows search for partners. */
export interface Search {
  /** The groups that each row searches, as bits, [rows.count]. */
  readonly wanted: Int32Array;
  /** Partners of a smaller reduced similarity need not be listed, [rows.count]. */
  readonly floor: Float32Array;
}

/**
 * Finds the 16 best partners of every row that searches, and updates `reach` for the groups that
 * were searched. Without a `search`, every row searches every group.
 */
export async function findCandidates(
  backend: Backend,
  pair: Pair,
  search?: Search,
): Promise<Found> {
  const { rows, columns, groups, v, reach } = pair;
  const k = Math.min(CANDIDATES, columns.count);
  const shape = { d: rows.d, columnCount: columns.count, k };
  const { order, size, count } = groups;
  const packing = columns.packed ?? new PackedAtoms(backend, columns.unit, order);
  const all = Int32Array.from({ length: rows.count }, (_, r) => r);
  const looking = search ? all.filter((r) => search.wanted[r] !== 0) : all;
  const isFew = looking.length < rows.count / 2;
  const index = isFew ? looking : all;
  const searching = index.length;
  const found = {
    rows: index,
    columns: backend.int32(searching * k),
    reduced: backend.float32(searching * k),
  };
  const own = isFew ? backend.float32(searching * count) : reach;
  const x = isFew ? backend.float32(searching * rows.d) : rows.unit;
  if (isFew) {
    const gathering = { matrix: rows.unit, index, count: searching, columns: rows.d, out: x };
    await backend.gatherRows(gathering);
    for (const [i, r] of index.entries())
      own.set(reach.subarray(r * count, (r + 1) * count), i * count);
  }
  await backend.searchTopK({
    rows: x,
    count: searching,
    columns: columns.unit,
    prices: Float32Array.from(v),
    ...shape,
    packed: await packing.get(shape),
    margin: 6 * k,
    candidates: found.columns,
    scores: found.reduced,
    floor: search && Float32Array.from(index, (r) => search.floor[r]!),
    groups: { order, size, wanted: search && index.map((r) => search.wanted[r]!), reach: own },
  });
  if (isFew)
    for (const [i, r] of index.entries())
      reach.set(own.subarray(i * count, (i + 1) * count), r * count);
  return found;
}

/** The graph together with the pairs found at the duals v. */
export function withFound(graph: CandidateGraph, found: Found, v: Float64Array): CandidateGraph {
  const n = graph.indptr.length - 1;
  const k = found.columns.length / found.rows.length;
  const most = graph.columns.length + found.columns.length;
  const [columns, similarity] = [new Int32Array(most), new Float32Array(most)];
  const indptr = new Int32Array(n + 1);
  let [end, next] = [0, 0];
  for (let r = 0; r < n; r++) {
    const first = end;
    for (let e = graph.indptr[r]!; e < graph.indptr[r + 1]!; e++) {
      columns[end] = graph.columns[e]!;
      similarity[end++] = graph.similarity[e]!;
    }
    const listed = end;
    const at = found.rows[next] === r ? next++ * k : -k;
    for (let i = at; at >= 0 && i < at + k && found.columns[i]! >= 0; i++) {
      const column = found.columns[i]!;
      let e = first;
      while (e < listed && columns[e] !== column) e++;
      if (e < listed) continue;
      columns[end] = column;
      similarity[end++] = found.reduced[i]! + v[column]!;
    }
    indptr[r + 1] = end;
  }
  return { indptr, columns: columns.subarray(0, end), similarity: similarity.subarray(0, end) };
}

/** The graph with every column listed for the rows `some`. */
export async function withEveryColumn(
  backend: Backend,
  { rows, columns, groups, reach }: Pair,
  graph: CandidateGraph,
  some: Int32Array,
): Promise<CandidateGraph> {
  const [n, m, d] = [rows.count, columns.count, rows.d];
  const isWhole = new Uint8Array(n);
  for (const r of some) {
    isWhole[r] = 1;
    reach.fill(Number.NEGATIVE_INFINITY, r * groups.count, (r + 1) * groups.count);
  }
  const indptr = new Int32Array(n + 1);
  for (let r = 0; r < n; r++)
    indptr[r + 1] = indptr[r]! + (isWhole[r] ? m : graph.indptr[r + 1]! - graph.indptr[r]!);
  const listed = indptr[n]!;
  const grown = { indptr, columns: new Int32Array(listed), similarity: new Float32Array(listed) };
  for (let r = 0; r < n; r++) {
    if (isWhole[r]) continue;
    const [from, to] = [graph.indptr[r]!, graph.indptr[r + 1]!];
    grown.columns.set(graph.columns.subarray(from, to), indptr[r]!);
    grown.similarity.set(graph.similarity.subarray(from, to), indptr[r]!);
  }
  for (let at = 0; at < some.length; at += ROWS_AT_ONCE) {
    const index = some.subarray(at, at + ROWS_AT_ONCE);
    const count = index.length;
    const gathered = backend.float32(count * d);
    await backend.gatherRows({ matrix: rows.unit, index, count, columns: d, out: gathered });
    const c = backend.float32(count * m);
    await backend.gemm({ a: gathered, b: columns.unit, c, m: count, n: m, k: d, transposeB: true });
    for (const [i, r] of index.entries()) {
      grown.similarity.set(c.subarray(i * m, (i + 1) * m), indptr[r]!);
      for (let column = 0; column < m; column++) grown.columns[indptr[r]! + column] = column;
    }
  }
  return grown;
}
