/**
 * @file An assignment solved on the best candidates of every atom, then proved: with duals u, v an
 *   unlisted pair can only be better when its reduced similarity cos(r, c) − v_c exceeds u_r. Rows
 *   whose reach into a group of columns does not rule that out look there for what does, which
 *   joins the graph, and the solution is repaired, until nothing is left to object to.
 */

import type { Backend } from "../../backend/backend.ts";
import {
  type CandidateGraph,
  findCandidates,
  type Pair,
  withEveryColumn,
  withFound,
} from "./candidates.ts";

/**
 * Cosines of float32 rows agree to about this much between the orders in which kernels sum them.
 */
export const ROUNDING = 1e-6;

/**
 * An assignment with its proof, for the smaller dictionary's atoms as rows: u_r + v_c ≥ cosine
 * everywhere, equal where matched.
 */
export interface Solution {
  readonly columnOfRow: Int32Array;
  readonly cosine: Float32Array;
  readonly u: Float64Array;
}

/**
 * Solves from a graph to begin with; v becomes the solution's, and the reach of every row what it
 * is at that v, for all columns but its own.
 */
export async function solveSparse(
  backend: Backend,
  pair: Pair,
  graph: CandidateGraph,
): Promise<Solution> {
  const { v, reach, groups } = pair;
  const [n, m] = [pair.rows.count, pair.columns.count];
  const u = new Float64Array(n);
  const columnOfRow = new Int32Array(n);
  const margin = new Float64Array(n);
  const [above, most] = [new Int32Array(n), new Float32Array(n)];
  const shape = { reach, rows: n, groups: groups.count, above, most };
  await backend.raiseReach({ level: new Float32Array(n), ...shape });
  for (let known = graph; ; ) {
    const start = v.slice();
    // Duals of dictionaries of unequal size cannot start from others.
    if (n !== m) v.fill(0);
    const unassigned = await backend.assign({
      n,
      m,
      start,
      bound: most,
      v,
      u,
      margin,
      columnOfRow,
      ...known,
    });
    const byGroup = largestFalls(start, v, groups);
    const level = Float32Array.from(u, (dual) => dual + ROUNDING);
    const doubtful = await backend.raiseReach({ level, byGroup, ...shape });
    if (unassigned > 0) {
      // A row without a partner may take any column.
      const alone = Int32Array.from(u.keys()).filter((r) => columnOfRow[r]! < 0);
      known = await withEveryColumn(backend, pair, known, alone);
      continue;
    }
    if (doubtful > 0) {
      const found = await findCandidates(backend, pair, { wanted: above, floor: level });
      const grown = withFound(known, found, v);
      if (grown.columns.length > known.columns.length) {
        known = grown;
        continue;
      }
    }
    reachListed(pair, known, columnOfRow);
    return { columnOfRow, u, cosine: cosinesOf(known, columnOfRow) };
  }
}

/** By how much the reduced similarities of each group can have risen, rounded up. */
function largestFalls(
  before: Float64Array,
  after: Float64Array,
  { groupOf, count }: Pair["groups"],
): Float32Array {
  const falls = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let c = 0; c < before.length; c++) {
    const fall = before[c]! - after[c]! + ROUNDING;
    if (fall > falls[groupOf[c]!]!) falls[groupOf[c]!] = fall;
  }
  return falls;
}

/** A graph is soon forgotten: what it lists, but for a row's own column, is in reach. */
export function reachListed(
  { v, reach, groups }: Pair,
  graph: CandidateGraph,
  columnOfRow: Int32Array,
): void {
  for (let r = 0; r < columnOfRow.length; r++)
    for (let e = graph.indptr[r]!; e < graph.indptr[r + 1]!; e++) {
      const column = graph.columns[e]!;
      if (column === columnOfRow[r]) continue;
      const at = r * groups.count + groups.groupOf[column]!;
      reach[at] = Math.max(reach[at]!, graph.similarity[e]! - v[column]!);
    }
}

function cosinesOf({ indptr, columns, similarity }: CandidateGraph, columnOfRow: Int32Array) {
  return Float32Array.from(columnOfRow, (column, r) => {
    let e = indptr[r]!;
    while (columns[e] !== column) e++;
    return similarity[e]!;
  });
}
