/**
 * @file Solves an assignment on the best candidates of every atom, then proves that it is optimal.
 *
 * With duals u, v, an unlisted pair can only improve the solution when its reduced similarity
 * cos(r, c) − v_c exceeds u_r. A row's reach into a group of columns is an upper bound on those
 * reduced similarities. Where the bound exceeds u_r, the row searches that group again. What it
 * finds joins the graph, and the solution is repaired, until no bound is exceeded.
 */

import type { Backend } from "../../backend/backend.ts";
import {
  type CandidateGraph,
  findCandidates,
  type Pair,
  withEveryColumn,
  withFound,
} from "./candidates.ts";

/** Cosines of float32 rows agree to about this much, whatever order a kernel sums them in. */
export const ROUNDING = 1e-6;

/**
 * An assignment and its proof. Rows are the atoms of the smaller dictionary. u_r + v_c ≥ cosine for
 * every pair, with equality for matched pairs.
 */
export interface Solution {
  readonly columnOfRow: Int32Array;
  readonly cosine: Float32Array;
  readonly u: Float64Array;
}

/**
 * Solves, starting from a graph. Afterwards v holds the solution's column duals, and `reach` holds
 * each row's reach at that v over all columns but its own.
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
    // With unequal sizes the duals must start at zero.
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
    const rowsAbove = await backend.raiseReach({ level, byGroup, ...shape });
    if (unassigned > 0) {
      // A row without a partner may take any column.
      const alone = Int32Array.from(u.keys()).filter((r) => columnOfRow[r]! < 0);
      known = await withEveryColumn(backend, pair, known, alone);
      continue;
    }
    if (rowsAbove > 0) {
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

/** The most that any reduced similarity in each group can have risen, rounded up. */
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

/**
 * Raises each row's reach to the listed columns other than its own, because the graph is not kept.
 */
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
