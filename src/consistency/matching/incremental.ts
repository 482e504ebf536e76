/**
 * @file Exact matching of two dictionaries that move a little at a time, as in training. The last
 *   solution is kept while it is provably optimal, and only pairs that may have changed are
 *   compared again.
 *
 * Let π be the matching, v its column duals and u_r = cos(r, π(r)) − v_π(r). The matching stays
 * optimal while no other column c has a reduced similarity cos(r, c) − v_c above u_r. The reach of
 * row r into a group of columns bounds those reduced similarities, and was measured at some earlier
 * time. For unit rows, a cosine changes by at most the distances that r and c have moved since, so
 *
 *   reach_r,g(now) = reach_r,g(then) + moved_r + Σ over the steps of max_{c ∈ g} moved_c.
 *
 * Each call computes only the n matched cosines. Rows whose reach into a group exceeds u_r search
 * that group again. When a search finds a better pair, the assignment is solved anew from the
 * previous duals. The result is therefore that of solving from scratch, up to ties and the rounding
 * of float32.
 */

import type { Backend } from "../../backend/backend.ts";
import { type Checkpointable, copyArrays, type SavedState } from "../../base/checkpointable.ts";
import {
  type CandidateGraph,
  findCandidates,
  matchedGraph,
  type Pair,
  withFound,
} from "./candidates.ts";
import type { Dictionary } from "./dictionary.ts";
import type { Movement } from "./movement.ts";
import { isComplete, solveAnew } from "./one-to-one.ts";
import { ROUNDING, reachListed, type Solution, solveSparse } from "./sparse-assignment.ts";

export type MatchWork = "kept" | "renewed" | "solved";

/** Rows count as few when they are less than this fraction of all. */
const FEW = 0.25;
/**
 * A row searches groups whose reach exceeds its partner's reduced similarity less this many times
 * the typical change of a cosine.
 */
const SEARCH_SLACK = 2.5;
/**
 * Searches list partners down to this many typical changes below the present one. The further down,
 * the longer a row need not search again.
 */
const FLOOR_SLACK = 6;
/**
 * After this many calls in a row in which many rows searched, one call searches without a floor.
 */
const FAR_EVERY = 32;

export class IncrementalMatcher implements Checkpointable {
  /** Partner of each row; valid after the first call of `match`. */
  readonly columnOfRow: Int32Array;
  /** Cosine of each row with its partner at the last call. */
  readonly cosine: Float32Array;

  /** Column duals of the last solution, from which the next one starts. */
  readonly #v: Float64Array;
  readonly #reach: Float32Array;
  /** Distances moved by the rows, and by the columns' groups, up to the last call. */
  readonly #movedThen: Float64Array;
  readonly #groupMovedThen: Float64Array;
  #allMovedThen = 0;
  /** The grouping of the last call; undefined: there was no call. */
  #grouping: number | undefined;
  /** How many calls in a row, up to the last one, searched for candidates. */
  #searches = 0;
  readonly #backend: Backend;

  /**
   * @param n Atoms of the rows' dictionary.
   * @param columns Movement of the columns' dictionary, which has at least n atoms.
   */
  constructor(backend: Backend, n: number, { groups }: Pick<Movement, "groups">) {
    this.#backend = backend;
    this.columnOfRow = backend.int32(n);
    this.cosine = backend.float32(n);
    this.#v = new Float64Array(groups.order.length);
    this.#reach = backend.float32(n * groups.count);
    this.#movedThen = new Float64Array(n);
    this.#groupMovedThen = new Float64Array(groups.count);
  }

  save(): SavedState {
    return {
      arrays: {
        columns: this.columnOfRow,
        cosine: this.cosine,
        duals: this.#v,
        reach: this.#reach,
        moved_then: this.#movedThen,
        group_moved_then: this.#groupMovedThen,
      },
      json: {
        all_moved_then: this.#allMovedThen,
        grouping: this.#grouping ?? null,
        looks: this.#searches,
      },
    };
  }

  load({ arrays, json }: SavedState): void {
    copyArrays(this.save().arrays, arrays);
    const { all_moved_then: allMoved, grouping, looks } = json;
    this.#allMovedThen = Number(allMoved);
    this.#grouping = typeof grouping === "number" ? grouping : undefined;
    this.#searches = Number(looks);
  }

  /** Brings the matching up to date with the dictionaries as they are now. */
  async match(
    rows: Dictionary,
    columns: Dictionary,
    rowMovement: Movement,
    columnMovement: Movement,
  ): Promise<MatchWork> {
    const { groups } = columnMovement;
    const pair: Pair = { rows, columns, groups, v: this.#v, reach: this.#reach };
    const searches = this.#searches;
    const isFirst = this.#grouping === undefined;
    const isRegrouped = this.#grouping !== columnMovement.grouping;
    this.#grouping = columnMovement.grouping;
    const moved = this.#movementSince(rowMovement, columnMovement, isRegrouped);
    if (isFirst) return this.#take(await solveAnew(this.#backend, pair));
    const change = await this.#measureCosines(rows, columns);
    const u = Float32Array.from(this.cosine, (c, r) => c - this.#v[this.columnOfRow[r]!]!);
    const above = new Int32Array(rows.count);
    const most = new Float32Array(rows.count);
    const shape = { reach: pair.reach, rows: rows.count, groups: groups.count, above, most };
    if (isRegrouped) {
      // After regrouping, a column may have been in any group: the largest reach bounds every
      // group.
      await this.#backend.raiseReach({ level: u, ...shape });
      for (const [r, reach] of most.entries())
        this.#reach.fill(reach, r * groups.count, (r + 1) * groups.count);
    }
    const rowsAbove = await this.#backend.raiseReach({ level: u, ...shape, ...moved });
    this.#searches = rowsAbove > 0 ? searches + 1 : 0;
    if (rowsAbove === 0) return "kept";
    if (isComplete(pair) && rowsAbove > FEW * rows.count)
      return this.#take(await solveAnew(this.#backend, pair));
    const slack = (changes: number) => u.map((dual) => dual - changes * change);
    await this.#backend.raiseReach({ level: slack(SEARCH_SLACK), ...shape });
    // Few rows search without a floor. Now and then all do, because a reach falls only then.
    const isFar = rowsAbove < FEW * rows.count || searches % FAR_EVERY === FAR_EVERY - 1;
    const floor = isFar ? u.map(() => Number.NEGATIVE_INFINITY) : slack(FLOOR_SLACK);
    const found = await findCandidates(this.#backend, pair, { wanted: above, floor });
    const own = matchedGraph(this.columnOfRow, this.cosine);
    const graph = withFound(own, found, this.#v);
    if (this.#isBest(graph, u)) {
      reachListed(pair, graph, this.columnOfRow);
      return "renewed";
    }
    const solving = isComplete(pair)
      ? solveAnew(this.#backend, pair)
      : solveSparse(this.#backend, pair, graph);
    return this.#take(await solving);
  }

  /**
   * How far rows and groups moved since the last call, rounded up. A new group moved by at most
   * what any atom moved.
   */
  #movementSince(rows: Movement, columns: Movement, isRegrouped: boolean) {
    const byRow = Float32Array.from(rows.moved, (moved, r) => moved - this.#movedThen[r]!);
    const any = columns.allMoved - this.#allMovedThen;
    const byGroup = Float32Array.from(columns.groupMoved, (moved, g) => {
      return (isRegrouped ? any : moved - this.#groupMovedThen[g]!) + ROUNDING;
    });
    this.#movedThen.set(rows.moved);
    this.#groupMovedThen.set(columns.groupMoved);
    this.#allMovedThen = columns.allMoved;
    return { byRow, byGroup };
  }

  /** @returns The root mean square change of the matched cosines. */
  async #measureCosines(rows: Dictionary, columns: Dictionary): Promise<number> {
    const then = this.cosine.slice();
    await this.#backend.pairedDots({
      a: rows.unit,
      b: columns.unit,
      index: this.columnOfRow,
      count: rows.count,
      d: rows.d,
      out: this.cosine,
    });
    let squares = 0;
    for (let r = 0; r < then.length; r++) squares += (this.cosine[r]! - then[r]!) ** 2;
    return Math.sqrt(squares / then.length);
  }

  /** Whether no pair of the graph is better than the matched pairs. */
  #isBest({ indptr, columns, similarity }: CandidateGraph, u: Float32Array) {
    for (let r = 0; r < u.length; r++)
      for (let e = indptr[r]!; e < indptr[r + 1]!; e++)
        if (similarity[e]! - this.#v[columns[e]!]! > u[r]! + ROUNDING) return false;
    return true;
  }

  #take({ columnOfRow, cosine }: Solution): MatchWork {
    this.columnOfRow.set(columnOfRow);
    this.cosine.set(cosine);
    return "solved";
  }
}
