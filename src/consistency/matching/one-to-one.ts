/**
 * @file Exact one-to-one matching of two dictionaries: the assignment with the largest total cosine, as
 * scipy.optimize.linear_sum_assignment finds it, without forming the whole matrix when dictionaries are large.
 *
 * The problem is solved on the best candidates of every atom, then proved: with duals u, v an unlisted pair can only be better
 * when its cosine exceeds u_r + v_c. Rows whose bound does not rule that out are scored against every column, what violates
 * the duals joins the graph, and the solution is repaired, until nothing is left to object to.
 */

import type { Backend } from "../../backend/backend.ts";
import {
  type Addition,
  type CandidateGraph,
  candidateGraph,
  cosineRows,
  extended,
} from "./candidates.ts";
import { type Dictionary, requireSameSpace } from "./dictionary.ts";

/** Cosines of float32 rows agree to about this much between the orders in which kernels sum them. */
const ROUNDING = 1e-6;
/** Rows scored against every column at a time. */
const ROWS_AT_ONCE = 256;

export interface Matching {
  /** For each atom of a its partner in b, or −1 (only when a has more atoms). */
  readonly partnerOfA: Int32Array;
  /** Cosine with the partner, 0 without one; [a.count]. */
  readonly cosine: Float32Array;
  /** Mean cosine over the matched pairs. */
  readonly mean: number;
  readonly pairs: number;
}

/** A solution with its proof, for the smaller dictionary's atoms as rows. */
export interface Solution {
  readonly columnOfRow: Int32Array;
  readonly cosine: Float32Array;
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** Least slack u_r + v_c − cosine over the columns other than the row's own. */
  readonly margin: Float64Array;
}

/**
 * Solves for rows ≤ columns.
 *
 * @param v Column duals to start from, [columns.count]; overwritten. Zeros unless both dictionaries have the same size.
 */
export async function solveAssignment(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  v: Float64Array,
): Promise<Solution> {
  const n = rows.count;
  const m = columns.count;
  let graph = await candidateGraph(backend, rows, columns);
  const u = new Float64Array(n);
  const columnOfRow = new Int32Array(n);
  for (;;) {
    const unassigned = await backend.assign({ ...graph, n, m, v, u, columnOfRow });
    const doubtful: number[] = [];
    const least = v.reduce((low, x) => Math.min(low, x), Number.POSITIVE_INFINITY);
    for (let r = 0; r < n; r++)
      if (unassigned > 0 ? columnOfRow[r]! < 0 : graph.bound[r]! > u[r]! + least - ROUNDING)
        doubtful.push(r);
    const additions = await missingCandidates(
      backend,
      rows,
      columns,
      graph,
      doubtful,
      (row, column, cosine) =>
        // A row without a partner gets every column, another one those that beat the duals.
        unassigned > 0 ? true : cosine > u[row]! + v[column]! + ROUNDING,
    );
    if (additions.size === 0) break;
    graph = extended(graph, additions);
  }
  return finish(graph, columnOfRow, u, v);
}

/** Scores rows against every column and collects the unlisted ones that `wanted` asks for. */
async function missingCandidates(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  graph: CandidateGraph,
  of: readonly number[],
  wanted: (row: number, column: number, cosine: number) => boolean,
): Promise<Map<number, Addition>> {
  const m = columns.count;
  const additions = new Map<number, Addition>();
  for (let at = 0; at < of.length; at += ROWS_AT_ONCE) {
    const some = of.slice(at, at + ROWS_AT_ONCE);
    const cosines = await cosineRows(backend, rows, columns, Int32Array.from(some));
    for (const [i, row] of some.entries()) {
      const listed = new Set(graph.columns.subarray(graph.indptr[row]!, graph.indptr[row + 1]!));
      const found = { columns: [] as number[], similarity: [] as number[] };
      for (let j = 0; j < m; j++) {
        const cosine = cosines[i * m + j]!;
        if (listed.has(j) || !wanted(row, j, cosine)) continue;
        found.columns.push(j);
        found.similarity.push(cosine);
      }
      const complete = listed.size + found.columns.length === m;
      if (found.columns.length > 0) additions.set(row, { ...found, complete });
    }
  }
  return additions;
}

/** Cosines and margins from the graph and its bounds. */
function finish(
  graph: CandidateGraph,
  columnOfRow: Int32Array,
  u: Float64Array,
  v: Float64Array,
): Solution {
  const n = columnOfRow.length;
  const cosine = new Float32Array(n);
  const margin = new Float64Array(n);
  const least = v.reduce((low, x) => Math.min(low, x), Number.POSITIVE_INFINITY);
  for (let r = 0; r < n; r++) {
    // A row that needed checking against every column may have a bound that its duals do not clear; its margin is then zero.
    let slack = Math.max(0, u[r]! + least - graph.bound[r]!);
    for (let e = graph.indptr[r]!; e < graph.indptr[r + 1]!; e++) {
      const column = graph.columns[e]!;
      if (column === columnOfRow[r]) cosine[r] = graph.similarity[e]!;
      else slack = Math.min(slack, u[r]! + v[column]! - graph.similarity[e]!);
    }
    margin[r] = slack;
  }
  return { columnOfRow, cosine, u, v, margin };
}

/**
 * Matches two dictionaries one to one; with unequal sizes every atom of the smaller one gets a partner.
 *
 * @throws {ShapeError} for dictionaries of different d.
 */
export async function matchOneToOne(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
): Promise<Matching> {
  requireSameSpace(a, b);
  const swap = a.count > b.count;
  const [rows, columns] = swap ? [b, a] : [a, b];
  const { columnOfRow, cosine } = await solveAssignment(
    backend,
    rows,
    columns,
    new Float64Array(columns.count),
  );
  let total = 0;
  for (const c of cosine) total += c;
  const mean = total / rows.count;
  if (!swap) return { partnerOfA: columnOfRow, cosine, mean, pairs: rows.count };
  const partnerOfA = new Int32Array(a.count).fill(-1);
  const cosineOfA = new Float32Array(a.count);
  columnOfRow.forEach((column, row) => {
    partnerOfA[column] = row;
    cosineOfA[column] = cosine[row]!;
  });
  return { partnerOfA, cosine: cosineOfA, mean, pairs: rows.count };
}
