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
/** Partners are looked for down to so many times the typical change of a cosine below the last one: enough to seldom look again. */
const FLOOR_SLACK = 6;
/** Every so many solutions in a row one looks for candidates as far as it can. */
const FULL_EVERY = 8;

export class IncrementalMatcher {
  /** Partner of each row; valid after the first call of `match`. */
  readonly columnOfRow: Int32Array;
  /** Cosine with the partner at the last call. */
  readonly cosine: Float32Array;
  /** Column duals of the last solution: the start of the next. */
  readonly v: Float64Array;

  readonly #margin: Float64Array;
  readonly #cosineThen: Float32Array;
  readonly #movedThen: Float32Array;
  readonly #totalThen: Float64Array;
  /** One element: 0 before the first call, then one more than the number of calls that have solved in a row up to the last. */
  readonly #begun = new Int32Array(1);
  readonly #backend: Backend;

  /** For dictionaries of n and m atoms, n ≤ m. */
  constructor(backend: Backend, n: number, m: number) {
    this.#backend = backend;
    this.columnOfRow = backend.int32(n);
    this.cosine = backend.float32(n);
    this.v = new Float64Array(m);
    this.#margin = new Float64Array(n);
    this.#cosineThen = new Float32Array(n);
    this.#movedThen = new Float32Array(n);
    this.#totalThen = new Float64Array(n);
  }

  /** Everything that decides how matching goes on, by name; a checkpoint saves and restores it in place. */
  arrays(): Readonly<Record<string, Float64Array | Float32Array | Int32Array>> {
    return {
      ...{ columns: this.columnOfRow, duals: this.v, margin: this.#margin, begun: this.#begun },
      ...{
        cosine_then: this.#cosineThen,
        moved_then: this.#movedThen,
        total_then: this.#totalThen,
      },
    };
  }

  /** Brings the matching up to date with the dictionaries as they are now. */
  async match(
    rows: Dictionary,
    columns: Dictionary,
    rowMovement: Movement,
    columnMovement: Movement,
  ): Promise<MatchWork> {
    const n = rows.count;
    const solve = async () => {
      await this.#solve(rows, columns, rowMovement, columnMovement);
      return "solved" as const;
    };
    if (this.#begun[0] === 0) return solve();
    await this.#measureCosines(rows, columns);
    const doubtful: number[] = [];
    for (let r = 0; r < n; r++) {
      const moved =
        rowMovement.moved[r]! - this.#movedThen[r]! + columnMovement.total - this.#totalThen[r]!;
      if (this.#margin[r]! + this.cosine[r]! - this.#cosineThen[r]! < moved + ROUNDING)
        doubtful.push(r);
    }
    if (doubtful.length > SOLVE_ABOVE * n) return solve();
    if (doubtful.length > 0) {
      const renewed = await this.#renew(rows, columns, rowMovement, columnMovement, doubtful);
      if (!renewed) return solve();
    }
    this.#begun[0] = 1;
    return doubtful.length > 0 ? "renewed" : "kept";
  }

  async #measureCosines(rows: Dictionary, columns: Dictionary): Promise<void> {
    await this.#backend.pairedDots({
      a: rows.unit,
      ...{ b: columns.unit, index: this.columnOfRow, count: rows.count, d: rows.d },
      out: this.cosine,
    });
  }

  async #solve(rows: Dictionary, columns: Dictionary, r: Movement, c: Movement): Promise<void> {
    // Dictionaries of unequal size cannot start from the previous duals.
    if (rows.count !== columns.count) this.v.fill(0);
    const floor = rows.count === columns.count ? this.#floor() : undefined;
    const solution = await solveAssignment(this.#backend, rows, columns, this.v, floor);
    this.columnOfRow.set(solution.columnOfRow);
    this.#margin.set(solution.margin);
    this.cosine.set(solution.cosine);
    this.#cosineThen.set(this.cosine);
    this.#movedThen.set(r.moved.subarray(0, rows.count));
    this.#totalThen.fill(c.total);
    this.#begun[0]! += this.#begun[0] === 0 ? 2 : 1;
  }

  /**
   * Reduced similarities that a partner of each row is expected to exceed: the last one's, less what cosines have changed by. Nothing
   * when the last solution was good for more than a call, or has not been looked at for that in a while: margins end at the floor.
   */
  #floor(): Float32Array | undefined {
    const solvedInARow = this.#begun[0]! - 1;
    if (solvedInARow <= 0 || solvedInARow % FULL_EVERY === 0) return undefined;
    let squares = 0;
    for (let r = 0; r < this.cosine.length; r++)
      squares += (this.cosine[r]! - this.#cosineThen[r]!) ** 2;
    const slack = FLOOR_SLACK * Math.sqrt(squares / this.cosine.length);
    return this.cosine.map((cosine, r) => cosine - this.v[this.columnOfRow[r]!]! - slack);
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
