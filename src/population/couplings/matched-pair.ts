/**
 * @file Which atoms of two members are matched, as a coupling keeps it from one step to the next.
 */

import type { Dictionary } from "../../consistency/matching/dictionary.ts";
import { IncrementalMatcher, type MatchWork } from "../../consistency/matching/incremental.ts";
import type { PackedAtoms } from "../../consistency/matching/packed-atoms.ts";
import type { Population, PopulationMember } from "../population.ts";

/**
 * How the atoms of two dictionaries are matched: one to one by exact assignment (`hungarian`), each
 * atom of the first with its nearest in the second (`max`), or each atom of both with its nearest
 * in the other (`symmetric_max`).
 */
export type MatchingKind = "hungarian" | "max" | "symmetric_max";

/**
 * Matched atoms of two members of a population; edge e matches atom rows[e] of member i with atom
 * columns[e] of member j.
 */
export class MatchedPair {
  readonly i: number;
  readonly j: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Cosines of the matched atoms after `match` or `measure`. */
  readonly cosine: Float32Array;
  /** Each edge's weight in the pair's mean cosine; they sum to one. */
  readonly weights: Float32Array;

  readonly #population: Population;
  readonly #kind: MatchingKind;
  readonly #matcher: IncrementalMatcher | undefined;
  /** One element: the step in which `match` was last called, counted from 1; 0: never. */
  readonly #matched = new Int32Array(1);

  /**
   * @param first The member that `max` looks from; with `hungarian` the smaller of the two becomes
   *   member i.
   */
  constructor(population: Population, kind: MatchingKind, first: number, second: number) {
    const { backend, members } = population;
    const size = (member: number) => members[member]!.parameters.dSae;
    const swap = kind === "hungarian" && size(first) > size(second);
    [this.i, this.j] = swap ? [second, first] : [first, second];
    const [n, m] = [size(this.i), size(this.j)];
    const edges = kind === "symmetric_max" ? n + m : n;
    this.#population = population;
    this.#kind = kind;
    this.#matcher =
      kind === "hungarian"
        ? new IncrementalMatcher(backend, n, members[this.j]!.movement)
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
   * Whether the matching is not to be used in `step`, counted from 0: there is none yet, it is
   * `refreshEvery` or more steps old, or one of the members has started again since.
   */
  isStale(step: number, refreshEvery: number): boolean {
    const at = this.#matched[0]! - 1;
    const restarted = [this.i, this.j].some((member) => this.#member(member).reinitialisedAt >= at);
    return at < 0 || at > step || step - at >= refreshEvery || restarted;
  }

  /**
   * Everything that decides how matching goes on, by name; a checkpoint saves and restores it in
   * place.
   */
  arrays(): Readonly<Record<string, Float64Array | Float32Array | Int32Array>> {
    if (this.#matcher) return { ...this.#matcher.arrays(), matched: this.#matched };
    return { rows: this.rows, columns: this.columns, matched: this.#matched };
  }

  /**
   * Matches the atoms as they are now.
   *
   * @param step Counted from 0.
   * @param packed Of each member, its atoms packed as they are now.
   * @returns What that took.
   */
  async match(step: number, packed: readonly PackedAtoms[]): Promise<MatchWork | "nearest"> {
    const [one, other] = [this.#member(this.i), this.#member(this.j)];
    const a = dictionary(one);
    const b = { packed: packed[this.j], ...dictionary(other) };
    this.#matched[0] = step + 1;
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
    const matrix = this.#member(this.i).parameters.unit;
    await backend.gatherRows({ matrix, index: this.rows, count, columns: dIn, out: a });
    const b = this.#member(this.j).parameters.unit;
    await backend.pairedDots({ a, b, index: this.columns, count, d: dIn, out: this.cosine });
  }

  #member(index: number): PopulationMember {
    return this.#population.members[index]!;
  }
}

function dictionary({ parameters }: PopulationMember): Dictionary {
  return { unit: parameters.unit, count: parameters.dSae, d: parameters.dIn };
}
