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
  type CandidateRow,
  candidateRows,
  completeRow,
  cosineRows,
  graphOf,
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
  const candidates = await candidateRows(backend, rows, columns);
  const u = new Float64Array(n);
  const columnOfRow = new Int32Array(n);
  for (;;) {
    const bound = Float32Array.from(candidates, (row) => row.bound);
    await backend.assign({ ...graphOf(candidates), n, m, bound, v, u, columnOfRow });
    const unassigned = indicesWhere(n, (r) => columnOfRow[r]! < 0);
    if (unassigned.length > 0) {
      await completeRows(backend, rows, columns, candidates, unassigned);
      continue;
    }
    const least = v.reduce((low, x) => Math.min(low, x), Number.POSITIVE_INFINITY);
    const doubtful = indicesWhere(n, (r) => candidates[r]!.bound > u[r]! + least - ROUNDING);
    if (!(await addViolations(backend, rows, columns, candidates, doubtful, { u, v }))) break;
  }
  return finish(candidates, columnOfRow, u, v);
}

function indicesWhere(n: number, keep: (i: number) => boolean): number[] {
  return Array.from({ length: n }, (_, i) => i).filter(keep);
}

/** Calls `visit` with every listed row's cosines to all columns. */
async function forEachFullRow(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  wanted: readonly number[],
  visit: (row: number, cosines: Float32Array) => void,
): Promise<void> {
  const m = columns.count;
  for (let at = 0; at < wanted.length; at += ROWS_AT_ONCE) {
    const some = wanted.slice(at, at + ROWS_AT_ONCE);
    const cosines = await cosineRows(backend, rows, columns, Int32Array.from(some));
    some.forEach((row, i) => {
      visit(row, cosines.subarray(i * m, (i + 1) * m));
    });
  }
}

async function completeRows(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  candidates: CandidateRow[],
  wanted: readonly number[],
): Promise<void> {
  await forEachFullRow(backend, rows, columns, wanted, (row, cosines) => {
    candidates[row] = completeRow(cosines.slice());
  });
}

/** Adds to the doubtful rows every column that beats the duals. @returns Whether any was added. */
async function addViolations(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  candidates: CandidateRow[],
  doubtful: readonly number[],
  duals: { readonly u: Float64Array; readonly v: Float64Array },
): Promise<boolean> {
  let added = false;
  await forEachFullRow(backend, rows, columns, doubtful, (row, cosines) => {
    const { columns: listed, similarity } = candidates[row]!;
    const known = new Set(listed);
    const news: number[] = [];
    for (let j = 0; j < cosines.length; j++)
      if (!known.has(j) && cosines[j]! > duals.u[row]! + duals.v[j]! + ROUNDING) news.push(j);
    if (news.length > 0) {
      added = true;
      candidates[row] = {
        columns: Int32Array.from([...listed, ...news]),
        similarity: Float32Array.from([...similarity, ...news.map((j) => cosines[j]!)]),
        bound: candidates[row]!.bound,
      };
    }
  });
  return added;
}

/** Cosines and margins from the graph and its bounds. */
function finish(
  candidates: readonly CandidateRow[],
  columnOfRow: Int32Array,
  u: Float64Array,
  v: Float64Array,
): Solution {
  const n = columnOfRow.length;
  const cosine = new Float32Array(n);
  const margin = new Float64Array(n);
  const least = v.reduce((low, x) => Math.min(low, x), Number.POSITIVE_INFINITY);
  for (let r = 0; r < n; r++) {
    const { columns, similarity, bound } = candidates[r]!;
    // A row that needed checking against every column may have a bound that its duals do not clear; its margin is then zero.
    let slack = Math.max(0, u[r]! + least - bound);
    for (let e = 0; e < columns.length; e++)
      if (columns[e] === columnOfRow[r]) cosine[r] = similarity[e]!;
      else slack = Math.min(slack, u[r]! + v[columns[e]!]! - similarity[e]!);
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
