/**
 * @file Exact one-to-one matching of two dictionaries: the assignment with the largest total
 *   cosine, as scipy.optimize.linear_sum_assignment finds it. For large dictionaries the whole
 *   matrix of cosines is never formed.
 */

import type { Backend } from "../../backend/backend.ts";
import { atomGroups } from "./atom-groups.ts";
import { emptyGraph, findCandidates, type Pair, withFound } from "./candidates.ts";
import { type Dictionary, requireSameSpace } from "./dictionary.ts";
import { PackedAtoms } from "./packed-atoms.ts";
import { type Solution, solveSparse } from "./sparse-assignment.ts";

/** Up to this many pairs, every pair is a candidate. */
export const COMPLETE_PAIRS = 2 ** 18;

/**
 * A one-to-one matching of atoms of a with atoms of b that has the largest possible sum of cosines.
 */
export interface Matching {
  /**
   * The partner in b of each atom of a; −1 without one, which happens only when a has more atoms.
   */
  readonly partnerOfA: Int32Array;
  /** Cosine of each atom of a with its partner; 0 without one. */
  readonly cosine: Float32Array;
  /** Mean cosine over the matched pairs. */
  readonly mean: number;
  readonly pairs: number;
}

/** Whether every pair is a candidate. */
export function isComplete({ rows, columns }: Pick<Pair, "rows" | "columns">): boolean {
  return rows.count * columns.count <= COMPLETE_PAIRS;
}

/**
 * Solves knowing nothing of a pair but its duals. Afterwards `reach` and `v` belong to the
 * solution.
 */
export async function solveAnew(backend: Backend, pair: Pair): Promise<Solution> {
  if (isComplete(pair)) return solveComplete(backend, pair);
  const found = await findCandidates(backend, pair);
  const graph = withFound(emptyGraph(pair.rows.count), found, pair.v);
  return solveSparse(backend, pair, graph);
}

/** Solves with every pair as a candidate. */
async function solveComplete(
  backend: Backend,
  { rows, columns, groups, v, reach }: Pair,
): Promise<Solution> {
  const [n, m, d] = [rows.count, columns.count, rows.d];
  const similarity = backend.float32(n * m);
  const product = { a: rows.unit, b: columns.unit, c: similarity, transposeB: true };
  await backend.gemm({ m: n, n: m, k: d, ...product });
  const indptr = Int32Array.from({ length: n + 1 }, (_, r) => r * m);
  const [u, margin] = [new Float64Array(n), new Float64Array(n)];
  const columnOfRow = new Int32Array(n);
  // With unequal sizes the duals must start at zero.
  if (n !== m) v.fill(0);
  await backend.assign({ n, m, indptr, similarity, v, u, margin, columnOfRow });
  for (let r = 0; r < n; r++)
    reach.fill(u[r]! - margin[r]!, r * groups.count, (r + 1) * groups.count);
  const cosine = Float32Array.from(columnOfRow, (c, r) => similarity[r * m + c]!);
  return { columnOfRow, cosine, u };
}

/**
 * Matches two dictionaries one to one. With unequal sizes, every atom of the smaller one gets a
 * partner.
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
  const [rows, larger] = swap ? [b, a] : [a, b];
  const groups = atomGroups(larger.count);
  // Packed once for all searches of one solution.
  const columns = { ...larger, packed: new PackedAtoms(backend, larger.unit, groups.order) };
  const { columnOfRow, cosine } = await solveAnew(backend, {
    rows,
    columns,
    groups,
    v: new Float64Array(columns.count),
    reach: backend.float32(rows.count * groups.count),
  });
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
