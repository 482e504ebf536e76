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
/** Columns that are scored against every row because their duals fell. */
const EASED_COLUMNS = 16;
/** Up to this many pairs all are candidates. */
export const COMPLETE_PAIRS = 2 ** 18;

/** Atoms of a matched one to one with atoms of b, so that the sum of cosines is the largest there is. */
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
 * @param floor Reduced similarities cos(r, c) − v_c that each row's partner is expected to exceed, [rows.count]: the better the guess,
 *   the fewer candidates are looked at. The solution is the best whatever it is.
 */
export async function solveAssignment(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  v: Float64Array,
  floor?: Float32Array,
): Promise<Solution> {
  const n = rows.count;
  const m = columns.count;
  if (n * m <= COMPLETE_PAIRS) return solveComplete(backend, rows, columns, v);
  const start = v.slice();
  let graph = await candidateGraph(backend, rows, columns, start, floor);
  const u = new Float64Array(n);
  const margin = new Float64Array(n);
  const columnOfRow = new Int32Array(n);
  const everyRow = Int32Array.from({ length: n }, (_, r) => r);
  for (;;) {
    const solution = { u, v, margin, columnOfRow };
    const unassigned = await backend.assign({ start, n, m, ...solution, ...graph });
    let additions: Map<number, Addition>;
    let eased = easedColumns(start, v);
    if (unassigned > 0) {
      // A row without a partner may take any column.
      const alone = everyRow.filter((r) => columnOfRow[r]! < 0);
      const anything = { u: new Float64Array(n).fill(Number.NEGATIVE_INFINITY), v };
      additions = await missing(backend, rows, columns, graph, alone, anything);
    } else {
      const cosines = await cosinesWith(backend, rows, columns, eased.columns);
      additions = violations(graph, everyRow, eased.columns, cosines, { u, v });
      const doubtful = everyRow.filter(
        (r) => !additions.has(r) && graph.bound[r]! + eased.others > u[r]! - ROUNDING,
      );
      const found = await missing(backend, rows, columns, graph, doubtful, { u, v });
      for (const [row, addition] of found) additions.set(row, addition);
      eased = { ...eased, cosines };
    }
    if (additions.size === 0) return finish(graph, eased, solution);
    graph = extended(graph, additions);
  }
}

/** The columns whose duals fell most: what is known of the unlisted pairs says least about them, so they are checked one by one. */
interface EasedColumns {
  /** Ascending. */
  readonly columns: Int32Array;
  /** The most that the dual of any other column fell: its reduced similarities rose by no more. */
  readonly others: number;
  /** Cosines of every row with them, [n, columns.length]. */
  readonly cosines?: Float32Array;
}

function easedColumns(start: Float64Array, v: Float64Array): EasedColumns {
  const fall = start.map((x, c) => x - v[c]!);
  // The largest of them, ascending; the first is the most of the others.
  const most = new Float64Array(EASED_COLUMNS + 1).fill(Number.NEGATIVE_INFINITY);
  for (const x of fall) {
    if (x <= most[0]!) continue;
    let at = 0;
    for (; at < EASED_COLUMNS && most[at + 1]! < x; at++) most[at] = most[at + 1]!;
    most[at] = x;
  }
  const others = most[0]!;
  // Where no dual fell there is nothing to check.
  const columns = Int32Array.from(v, (_, c) => c).filter((c) => fall[c]! > others);
  return { columns, others };
}

/** Cosines of every row with some of the columns, [rows.count, some.length]. */
async function cosinesWith(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  some: Int32Array,
): Promise<Float32Array> {
  const { d } = rows;
  const count = some.length;
  if (count === 0) return new Float32Array(0);
  const gathered = backend.float32(count * d);
  await backend.gatherRows({ matrix: columns.unit, index: some, count, columns: d, out: gathered });
  const c = backend.float32(rows.count * count);
  await backend.gemm({
    a: rows.unit,
    b: gathered,
    c,
    m: rows.count,
    n: count,
    k: d,
    transposeB: true,
  });
  return c;
}

interface Duals {
  readonly u: Float64Array;
  readonly v: Float64Array;
}

/**
 * Unlisted pairs that beat the duals, as additions to the graph.
 *
 * @param columns Columns of `cosines` [rows.length, columns.length]; all, when undefined.
 */
function violations(
  graph: CandidateGraph,
  rows: Int32Array,
  columns: Int32Array | undefined,
  cosines: Float32Array,
  { u, v }: Duals,
): Map<number, Addition> {
  const additions = new Map<number, Addition>();
  const m = v.length;
  const width = columns?.length ?? m;
  const duals = columns ? Float64Array.from(columns, (c) => v[c]!) : v;
  const listedFor = new Int32Array(m).fill(-1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const floor = u[row]! + ROUNDING;
    let found: { columns: number[]; similarity: number[] } | undefined;
    for (let j = 0; j < width; j++) {
      const cosine = cosines[i * width + j]!;
      if (cosine <= floor + duals[j]!) continue;
      if (!found) {
        found = { columns: [], similarity: [] };
        for (let e = graph.indptr[row]!; e < graph.indptr[row + 1]!; e++)
          listedFor[graph.columns[e]!] = row;
      }
      const column = columns ? columns[j]! : j;
      if (listedFor[column] === row) continue;
      found.columns.push(column);
      found.similarity.push(cosine);
    }
    if (!found || found.columns.length === 0) continue;
    const listed = graph.indptr[row + 1]! - graph.indptr[row]!;
    additions.set(row, { complete: listed + found.columns.length === m, ...found });
  }
  return additions;
}

/** Scores rows against every column and collects the unlisted pairs that beat the duals. */
async function missing(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  graph: CandidateGraph,
  of: Int32Array,
  duals: Duals,
): Promise<Map<number, Addition>> {
  const additions = new Map<number, Addition>();
  for (let at = 0; at < of.length; at += ROWS_AT_ONCE) {
    const some = of.subarray(at, at + ROWS_AT_ONCE);
    const cosines = await cosineRows(backend, rows, columns, some);
    for (const [row, addition] of violations(graph, some, undefined, cosines, duals))
      additions.set(row, addition);
  }
  return additions;
}

/** Lowers margins to what is known of the pairs outside the graph. */
function finish(
  graph: CandidateGraph,
  { others, columns, cosines }: EasedColumns,
  solution: Omit<Solution, "cosine">,
): Solution {
  const { columnOfRow, u, v, margin } = solution;
  const n = columnOfRow.length;
  const cosine = new Float32Array(n);
  for (let r = 0; r < n; r++) {
    // A row that needed checking against every column may have a bound that its duals do not clear; its margin is then zero.
    let slack = Math.max(0, Math.min(margin[r]!, u[r]! - others - graph.bound[r]!));
    for (let j = 0; cosines && j < columns.length; j++)
      if (columns[j] !== columnOfRow[r])
        slack = Math.min(slack, u[r]! + v[columns[j]!]! - cosines[r * columns.length + j]!);
    margin[r] = slack;
    for (let e = graph.indptr[r]!; e < graph.indptr[r + 1]!; e++)
      if (graph.columns[e] === columnOfRow[r]) cosine[r] = graph.similarity[e]!;
  }
  return { cosine, ...solution };
}

/** Solves with every pair as a candidate. */
async function solveComplete(
  backend: Backend,
  rows: Dictionary,
  columns: Dictionary,
  v: Float64Array,
): Promise<Solution> {
  const [n, m, d] = [rows.count, columns.count, rows.d];
  const similarity = backend.float32(n * m);
  const product = { a: rows.unit, b: columns.unit, c: similarity, transposeB: true };
  await backend.gemm({ m: n, n: m, k: d, ...product });
  const indptr = Int32Array.from({ length: n + 1 }, (_, r) => r * m);
  const [u, margin] = [new Float64Array(n), new Float64Array(n)];
  const columnOfRow = new Int32Array(n);
  await backend.assign({ n, m, indptr, similarity, v, u, margin, columnOfRow });
  const cosine = Float32Array.from(columnOfRow, (c, r) => similarity[r * m + c]!);
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
