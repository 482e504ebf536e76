/**
 * @file Exact matching of two dictionaries that move a little at a time, as in training: the last solution is kept as long as it
 * is provably still the best, and only what could have changed is computed again.
 *
 * Let π be the matching, v its column duals and u_r = cos(r, π(r)) − v_π(r). It stays optimal while every other column has
 * slack u_r + v_c − cos(r, c) ≥ 0. For unit rows |cos' − cos| is at most how far r and c moved, so with the margin of row r
 * (its least slack) measured at some earlier time it is enough that
 *
 *   margin_r + (cos_now(r, π(r)) − cos_then(r, π(r))) ≥ moved_r + max_c moved_c       since then.
 *
 * Only the n matched cosines are computed at each call. Rows that fail are scored against every column: either their margin is
 * renewed or, when the matching is no longer the best, the assignment is solved again from the previous duals. The result is
 * therefore the same as solving from scratch, up to ties and the rounding of float32.
 */

import type { Backend } from "../../backend/backend.ts";
import { cosineRows } from "./candidates.ts";
import type { Dictionary } from "./dictionary.ts";
import { solveAssignment } from "./one-to-one.ts";

/** How far the rows of a dictionary have travelled since training began. */
export interface Movement {
  /** Path length of each unit row, [count]; never falls. */
  readonly moved: Float32Array;
  /** Sum over the steps of the largest movement of any row in that step. */
  total: number;
}

export type MatchWork = "kept" | "renewed" | "solved";

/** When more than this fraction of the rows is in doubt, solving again is cheaper. */
const SOLVE_ABOVE = 0.25;
const ROUNDING = 1e-6;

export class IncrementalMatcher {
  /** Partner of each row; valid after the first call of `match`. */
  columnOfRow: Int32Array = new Int32Array(0);
  /** Cosine with the partner at the last call. */
  cosine: Float32Array = new Float32Array(0);
  /** Column duals of the last solution: the start of the next. Part of a checkpoint. */
  readonly v: Float64Array;

  #margin: Float64Array = new Float64Array(0);
  #cosineThen: Float32Array = new Float32Array(0);
  #movedThen: Float32Array = new Float32Array(0);
  #totalThen = new Float64Array(0);
  readonly #backend: Backend;

  /** @param v Duals to start from; zeros when there are none. Both dictionaries have `v.length` atoms. */
  constructor(backend: Backend, v: Float64Array) {
    this.#backend = backend;
    this.v = v;
  }

  /** Brings the matching up to date with the dictionaries as they are now. */
  async match(
    rows: Dictionary,
    columns: Dictionary,
    rowMovement: Movement,
    columnMovement: Movement,
  ): Promise<MatchWork> {
    const n = rows.count;
    if (this.columnOfRow.length !== n) {
      await this.#solve(rows, columns, rowMovement, columnMovement);
      return "solved";
    }
    await this.#backend.pairedDots({
      ...{ a: rows.unit, b: columns.unit, index: this.columnOfRow, count: n, d: rows.d },
      out: this.cosine,
    });
    const doubtful: number[] = [];
    for (let r = 0; r < n; r++) {
      const moved =
        rowMovement.moved[r]! - this.#movedThen[r]! + columnMovement.total - this.#totalThen[r]!;
      if (this.#margin[r]! + this.cosine[r]! - this.#cosineThen[r]! < moved + ROUNDING)
        doubtful.push(r);
    }
    if (doubtful.length === 0) return "kept";
    if (
      doubtful.length > SOLVE_ABOVE * n ||
      !(await this.#renew(rows, columns, rowMovement, columnMovement, doubtful))
    ) {
      await this.#solve(rows, columns, rowMovement, columnMovement);
      return "solved";
    }
    return "renewed";
  }

  async #solve(rows: Dictionary, columns: Dictionary, r: Movement, c: Movement): Promise<void> {
    const solution = await solveAssignment(this.#backend, rows, columns, this.v);
    this.columnOfRow = solution.columnOfRow;
    this.cosine = solution.cosine;
    this.#margin = solution.margin;
    this.#cosineThen = solution.cosine.slice();
    this.#movedThen = r.moved.slice(0, rows.count);
    this.#totalThen = new Float64Array(rows.count).fill(c.total);
  }

  /** Measures the margins of some rows again. @returns False when the matching is not optimal any more. */
  async #renew(
    rows: Dictionary,
    columns: Dictionary,
    rowMovement: Movement,
    columnMovement: Movement,
    wanted: readonly number[],
  ): Promise<boolean> {
    const m = columns.count;
    const cosines = await cosineRows(this.#backend, rows, columns, Int32Array.from(wanted));
    for (const [i, r] of wanted.entries()) {
      const own = this.columnOfRow[r]!;
      const u = this.cosine[r]! - this.v[own]!;
      let margin = Number.POSITIVE_INFINITY;
      for (let c = 0; c < m; c++)
        if (c !== own) margin = Math.min(margin, u + this.v[c]! - cosines[i * m + c]!);
      if (margin < -ROUNDING) return false;
      this.#margin[r] = margin;
      this.#cosineThen[r] = this.cosine[r]!;
      this.#movedThen[r] = rowMovement.moved[r]!;
      this.#totalThen[r] = columnMovement.total;
    }
    return true;
  }
}
