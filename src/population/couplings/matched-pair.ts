/**
 * @file Which atoms of two dictionaries are matched, as a coupling keeps it from step to step.
 */

import { type Checkpointable, copyArrays, type SavedState } from "../../base/checkpointable.ts";
import { IncrementalMatcher, type MatchWork } from "../../consistency/matching/incremental.ts";
import type { Population } from "../population.ts";
import type { Side } from "./side.ts";

/**
 * How the atoms of two dictionaries are matched. `hungarian` matches one to one by exact
 * assignment. `max` gives each atom of the first its nearest in the second, and `symmetric_max`
 * each atom of both its nearest in the other.
 */
export type MatchingKind = "hungarian" | "max" | "symmetric_max";

/**
 * Matched atoms of two dictionaries; edge e matches atom rows[e] of side i with atom columns[e] of
 * side j.
 */
export class MatchedPair implements Checkpointable {
  readonly i: number;
  readonly j: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Cosines of the matched atoms after `match` or `measure`. */
  readonly cosine: Float32Array;
  /** Each edge's weight in the pair's mean cosine; they sum to one. */
  readonly weights: Float32Array;

  readonly #population: Population;
  readonly #sides: readonly Side[];
  readonly #kind: MatchingKind;
  readonly #matcher: IncrementalMatcher | undefined;
  /** The step in which `match` was last called, counted from 0; undefined: never. */
  #matchedAt: number | undefined;

  /**
   * @param sides All dictionaries of the coupling.
   * @param first The side that `max` looks from; with `hungarian` the smaller of the two becomes
   *   side i.
   */
  constructor(
    population: Population,
    sides: readonly Side[],
    kind: MatchingKind,
    first: number,
    second: number,
  ) {
    const { backend } = population;
    const size = (side: number) => sides[side]!.atoms().count;
    const swap = kind === "hungarian" && size(first) > size(second);
    [this.i, this.j] = swap ? [second, first] : [first, second];
    const [n, m] = [size(this.i), size(this.j)];
    const edges = kind === "symmetric_max" ? n + m : n;
    this.#population = population;
    this.#sides = sides;
    this.#kind = kind;
    this.#matcher =
      kind === "hungarian"
        ? new IncrementalMatcher(backend, n, sides[this.j]!.movement)
        : undefined;
    this.rows = backend.int32(edges);
    this.columns = this.#matcher?.columnOfRow ?? backend.int32(edges);
    this.cosine = this.#matcher?.cosine ?? backend.float32(edges);
    this.weights = Float32Array.from({ length: edges }, (_, e) => {
      if (kind !== "symmetric_max") return 1 / n;
      return 1 / (2 * (e < n ? n : m));
    });
    for (let r = 0; r < n; r++) this.rows[r] = r;
    for (let c = 0; n + c < edges; c++) this.columns[n + c] = c;
  }

  /**
   * Whether the matching is not to be used in `step`, counted from 0. So it is where there is none
   * yet, it is `refreshEvery` or more steps old, or one of the sides has started again since.
   */
  isStale(step: number, refreshEvery: number): boolean {
    const at = this.#matchedAt;
    if (at === undefined || at > step || step - at >= refreshEvery) return true;
    return [this.i, this.j].some((side) => this.#sides[side]!.restartedAt >= at);
  }

  save(): SavedState {
    const matched = { matched_at: this.#matchedAt ?? null };
    if (!this.#matcher)
      return { arrays: { rows: this.rows, columns: this.columns }, json: matched };
    const { arrays, json } = this.#matcher.save();
    return { arrays, json: { ...json, ...matched } };
  }

  load(state: SavedState): void {
    const at = state.json["matched_at"];
    this.#matchedAt = typeof at === "number" ? at : undefined;
    if (this.#matcher) this.#matcher.load(state);
    else copyArrays(this.save().arrays, state.arrays);
  }

  /**
   * Matches the atoms as they are now.
   *
   * @param step Counted from 0.
   * @returns What that took.
   */
  async match(step: number): Promise<MatchWork | "nearest"> {
    const [one, other] = [this.#sides[this.i]!, this.#sides[this.j]!];
    const a = one.atoms();
    const b = { packed: other.packed, ...other.atoms() };
    this.#matchedAt = step;
    if (this.#matcher) return this.#matcher.match(a, b, one.movement, other.movement);
    const { backend } = this.#population;
    const [n, m] = [a.count, b.count];
    const both = this.#kind === "symmetric_max";
    await backend.bestMatches({
      a: a.unit,
      b: b.unit,
      n,
      m,
      d: a.d,
      bestOfA: this.cosine.subarray(0, n),
      partnerOfA: this.columns.subarray(0, n),
      bestOfB: both ? this.cosine.subarray(n) : backend.float32(m),
      partnerOfB: both ? this.rows.subarray(n) : backend.int32(m),
    });
    return "nearest";
  }

  /** Brings the cosines of an older matching up to the atoms as they are now. */
  async measure(): Promise<void> {
    const { backend, dIn } = this.#population;
    const count = this.rows.length;
    const a = backend.float32(count * dIn);
    const matrix = this.#sides[this.i]!.atoms().unit;
    await backend.gatherRows({ matrix, index: this.rows, count, columns: dIn, out: a });
    const b = this.#sides[this.j]!.atoms().unit;
    await backend.pairedDots({ a, b, index: this.columns, count, d: dIn, out: this.cosine });
  }
}
