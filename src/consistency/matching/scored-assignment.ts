/**
 * @file Exact one-to-one matching by another score than the cosine. By its size, an atom and its
 *   negative count as one direction. The other score is the distance of the atoms. Where a group
 *   moves activations, a pair's cosine is the largest over the poses of one of the two.
 *
 *   absolute   |cos|
 *   distance   −‖a − b‖ = −√(2 − 2 cos) for atoms of length one
 *   cosine     cos itself, for atoms in several poses
 *
 * Minimising summed distances is not the same as maximising summed cosines: the square root gives
 * near pairs more weight. Small matrices of scores are solved whole. Of large ones, blocks of rows
 * are formed in turn, and only pairs that can improve the solution are kept.
 */

import type { Backend } from "../../backend/backend.ts";
import { type CandidateGraph, type Found, matchedGraph, withFound } from "./candidates.ts";
import { type Dictionary, requireSameSpace } from "./dictionary.ts";
import { type Poses, posedAtoms } from "./posed-atoms.ts";
import { ROUNDING } from "./sparse-assignment.ts";

/** What a pair of atoms scores. */
export type PairScore = "absolute" | "distance" | "cosine";

/** Up to this many pairs, all scores are held in memory: 64 MiB. */
export const COMPLETE_SCORES = 2 ** 24;
/** Scores that are formed at once otherwise: 64 MiB. */
const BLOCK = 2 ** 24;
/** Pairs of a row that one pass over the scores adds. */
const KEPT = 16;

/** Turns cosines into scores, in place. */
function intoScores(cosines: Float32Array, score: PairScore): void {
  if (score === "absolute")
    for (let i = 0; i < cosines.length; i++) cosines[i] = Math.abs(cosines[i]!);
  else if (score === "distance")
    for (let i = 0; i < cosines.length; i++)
      cosines[i] = -Math.sqrt(Math.max(0, 2 - 2 * cosines[i]!));
}

/** Rows, at most as many as columns, and how their pairs score. */
interface Problem {
  readonly backend: Backend;
  readonly rows: Dictionary;
  readonly columns: Dictionary;
  /** The columns in every pose; the first as they are. */
  readonly poses: readonly Dictionary[];
  readonly score: PairScore;
}

/** Raises each number to that of another array, where this is larger. */
function raise(into: Float32Array, other: Float32Array): void {
  for (let i = 0; i < into.length; i++) if (other[i]! > into[i]!) into[i] = other[i]!;
}

async function scoresOf(
  { backend, rows, columns, poses, score }: Problem,
  index: Int32Array,
  out: Float32Array,
): Promise<void> {
  const [count, d, m] = [index.length, rows.d, columns.count];
  const a = backend.float32(count * d);
  await backend.gatherRows({ matrix: rows.unit, index, count, columns: d, out: a });
  const other = backend.float32(poses.length > 1 ? out.length : 0);
  for (const [k, { unit: b }] of poses.entries()) {
    const c = k === 0 ? out : other;
    await backend.gemm({ a, b, c, m: count, n: m, k: d, transposeB: true });
    if (k > 0) raise(out, other);
  }
  intoScores(out, score);
}

/** Cosines of each row with the column of `index`, in the pose where that is largest; [rows]. */
async function cosinesWith(
  { backend, rows, poses }: Problem,
  index: Int32Array,
): Promise<Float32Array> {
  const cosines = backend.float32(rows.count);
  const other = backend.float32(poses.length > 1 ? rows.count : 0);
  for (const [k, { unit: b }] of poses.entries()) {
    const out = k === 0 ? cosines : other;
    await backend.pairedDots({ a: rows.unit, b, index, count: rows.count, d: rows.d, out });
    if (k > 0) raise(cosines, other);
  }
  return cosines;
}

async function solveWhole(problem: Problem): Promise<Int32Array> {
  const { backend, rows, columns } = problem;
  const [n, m] = [rows.count, columns.count];
  const similarity = backend.float32(n * m);
  await scoresOf(
    problem,
    Int32Array.from({ length: n }, (_, r) => r),
    similarity,
  );
  const columnOfRow = new Int32Array(n);
  await backend.assign({
    n,
    m,
    similarity,
    columnOfRow,
    indptr: Int32Array.from({ length: n + 1 }, (_, r) => r * m),
    v: new Float64Array(m),
    u: new Float64Array(n),
    margin: new Float64Array(n),
  });
  return columnOfRow;
}

/**
 * For each row of `index`, its best columns with a score − v_c above floor_r, at most `KEPT`.
 * `most` of these rows becomes a bound on what is not among them.
 */
async function search(
  problem: Problem,
  index: Int32Array,
  { v, floor, most }: { v: Float64Array; floor: Float64Array; most: Float32Array },
): Promise<Found> {
  const m = problem.columns.count;
  const atOnce = Math.max(1, Math.floor(BLOCK / m));
  const found = {
    rows: index,
    columns: new Int32Array(index.length * KEPT).fill(-1),
    reduced: new Float32Array(index.length * KEPT),
  };
  const block = problem.backend.float32(Math.min(atOnce, index.length) * m);
  for (let at = 0; at < index.length; at += atOnce) {
    const some = index.subarray(at, at + atOnce);
    const scores = block.subarray(0, some.length * m);
    await scoresOf(problem, some, scores);
    for (const [i, r] of some.entries()) {
      const row = scores.subarray(i * m, (i + 1) * m);
      const best = (at + i) * KEPT;
      let [kept, level] = [0, floor[r]!];
      for (let c = 0; c < m; c++) {
        const reduced = row[c]! - v[c]!;
        if (!(reduced > level)) continue;
        let place = kept < KEPT ? kept++ : KEPT - 1;
        for (; place > 0 && found.reduced[best + place - 1]! < reduced; place--) {
          found.reduced[best + place] = found.reduced[best + place - 1]!;
          found.columns[best + place] = found.columns[best + place - 1]!;
        }
        found.reduced[best + place] = reduced;
        found.columns[best + place] = c;
        if (kept === KEPT) level = Math.max(level, found.reduced[best + KEPT - 1]!);
      }
      most[r] = level;
    }
  }
  return found;
}

/** Solves on a growing graph until no pair outside it can improve the solution. */
async function solveGrowing(problem: Problem): Promise<Int32Array> {
  const { backend, rows, columns } = problem;
  const [n, m] = [rows.count, columns.count];
  const [u, v] = [new Float64Array(n), new Float64Array(m)];
  const [margin, columnOfRow] = [new Float64Array(n), new Int32Array(n)];
  const floor = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const most = new Float32Array(n);
  // The diagonal allows every row a partner, so that a solution exists from the start.
  const identity = Int32Array.from({ length: n }, (_, r) => r);
  const diagonal = await cosinesWith(problem, identity);
  intoScores(diagonal, problem.score);
  let graph: CandidateGraph = matchedGraph(identity, diagonal);
  for (let wanted: Int32Array = identity; ; ) {
    const found = await search(problem, wanted, { v, floor, most });
    const grown = withFound(graph, found, v);
    if (grown.columns.length === graph.columns.length) return columnOfRow;
    graph = grown;
    const start = v.slice();
    // With unequal sizes the duals must start at zero.
    if (n !== m) v.fill(0);
    await backend.assign({ n, m, start, bound: most, v, u, margin, columnOfRow, ...graph });
    let fall = 0;
    for (let c = 0; c < m; c++) fall = Math.max(fall, start[c]! - v[c]!);
    for (let r = 0; r < n; r++) {
      most[r]! += fall + ROUNDING;
      floor[r] = u[r]! + ROUNDING;
    }
    wanted = identity.filter((r) => most[r]! > floor[r]!);
    if (wanted.length === 0) return columnOfRow;
  }
}

/** What an assignment may differ in. */
export interface ScoredOptions {
  /** Moves the columns: those of the larger dictionary, of b where both have one size. */
  readonly poses?: Poses | undefined;
  /** Pairs up to which all scores are held at once; tests pass a smaller one. */
  readonly wholeUpTo?: number;
}

/**
 * The cosines of the pairs of the one-to-one assignment with the largest total score. They are in
 * the order of the atoms of the smaller dictionary; of a where both have one size. With `poses`, a
 * cosine is the largest over the poses, max_k cos(a_i, M_k b_j).
 *
 * @returns [min(n, m)].
 * @throws {ShapeError} for dictionaries of different d, and for matrices of another.
 */
export async function scoredAssignment(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
  score: PairScore,
  { poses, wholeUpTo = COMPLETE_SCORES }: ScoredOptions = {},
): Promise<Float32Array> {
  requireSameSpace(a, b);
  const [rows, columns] = a.count > b.count ? [b, a] : [a, b];
  const posed = poses ? await posedAtoms(backend, columns, poses) : [columns];
  const problem = { backend, rows, columns, poses: posed, score };
  const isWhole = rows.count * columns.count <= wholeUpTo;
  const index = await (isWhole ? solveWhole(problem) : solveGrowing(problem));
  return await cosinesWith(problem, index);
}
