/**
 * @file The machinery of couplings that pull matched atoms together:
 *
 *   L = weight(t) · norm · Σ_pairs Σ_e w_e (1 − cos(a_e, b_e))
 *   norm = 1 / C(N, 2) (`mean`) or 1 (`sum`), N the coupled members
 *
 * Edge e matches atom a_e of one dictionary with atom b_e of the other. Neither the matching nor
 * the weights w_e are differentiated. Members are pulled, through their row normalisation;
 * teachers are not. Kinds differ in their weights (edge-weights.ts) and in what members are
 * matched with: each other, or teachers.
 */

import { type SavedState, statesBelow } from "../../base/checkpointable.ts";
import { inParallel } from "../../base/in-parallel.ts";
import { permutation, randomStream } from "../../base/philox.ts";
import { stepMatchingBytes } from "../../consistency/matching/matching-bytes.ts";
import type { Population } from "../population.ts";
import { BatchCodes } from "./batch-codes.ts";
import type { Coupling, CouplingBytes, CouplingStep, Pull } from "./coupling.ts";
import { type EdgeWeights, edgeWeights } from "./edge-weights.ts";
import { MatchedPair, type MatchingKind } from "./matched-pair.ts";
import { PullEdges } from "./pull-edges.ts";
import { memberSides, type Side } from "./side.ts";
import { TeacherSide } from "./teacher-side.ts";
import { type WeightSchedule, weightAt } from "./weight-schedule.ts";

/** What all couplings of matched atoms can be told. */
export interface MatchedOptions extends WeightSchedule {
  readonly matching: MatchingKind;
  readonly pairNorm: "mean" | "sum";
  /**
   * A pair that is pulled is matched anew when its matching is so many steps old, or one of its
   * members has started again since. 1 is exact.
   */
  readonly refreshEvery: number;
  /**
   * Pairs that are pulled in a step, drawn at random and weighted up so that the expectation is
   * unchanged; undefined: all.
   */
  readonly pairsPerStep?: number | undefined;
  /** Decides which pairs a step draws. */
  readonly seed: number;
}

/**
 * The MFR authors' choices: exact matching of every pair at every step, the mean over pairs,
 * 100 steps of warm-up, a weight that stays.
 */
export const MATCHED_DEFAULTS: Omit<MatchedOptions, "weight" | "seed"> = {
  matching: "hungarian",
  pairNorm: "mean",
  warmupSteps: 100,
  anneal: false,
  refreshEvery: 1,
  pairsPerStep: undefined,
};

/** Teachers that members are pulled towards, instead of each other. */
export interface Teachers {
  /** m of t ← normalise(m t + (1 − m) u). */
  readonly momentum: number;
  /**
   * `mutual`: every member follows the teachers of all others. `one_way`: a member follows those of
   * the members before it, and nothing pulls the first.
   */
  readonly direction: "mutual" | "one_way";
}

/** What makes one kind of coupling of the machinery. */
export interface MatchedKind {
  readonly name: string;
  readonly weights: EdgeWeights;
  readonly teachers?: Teachers;
}

/** One pair's assignment, which has one thread, runs beside another's products. */
const PAIRS_AT_ONCE = 3;

/** Members that are pulled towards matched atoms; see the head of this file. */
export class MatchedCoupling implements Coupling {
  readonly name: string;
  readonly options: MatchedOptions;
  readonly #kind: MatchedKind;
  readonly #sides: readonly Side[];
  readonly #teachers: readonly TeacherSide[];
  readonly #pairs: readonly MatchedPair[];
  /** Pairs of coupled members, whatever they are matched with. */
  readonly #memberPairs: number;
  readonly #codes: BatchCodes | undefined;
  readonly #gradients: (Float32Array | undefined)[];

  /** @param coupled Indices of the members that take part, ascending. */
  constructor(
    population: Population,
    kind: MatchedKind,
    options: MatchedOptions,
    coupled: readonly number[],
  ) {
    this.name = kind.name;
    this.options = options;
    this.#kind = kind;
    const { members, backend } = population;
    const { teachers } = kind;
    this.#teachers = teachers
      ? coupled.map((member) => new TeacherSide(population, member, teachers.momentum))
      : [];
    this.#sides = [...memberSides(population), ...this.#teachers];
    this.#pairs = this.#pairsOf(coupled).map(
      ([first, second]) =>
        new MatchedPair(population, this.#sides, options.matching, first, second),
    );
    this.#memberPairs = (coupled.length * (coupled.length - 1)) / 2;
    this.#codes = kind.weights.kind === "uniform" ? undefined : new BatchCodes(population, coupled);
    this.#gradients = members.map(({ sae }, i) =>
      coupled.includes(i) ? backend.float32(sae.dSae * population.dIn) : undefined,
    );
  }

  /** Sides that are matched with each other. */
  #pairsOf(coupled: readonly number[]): (readonly [number, number])[] {
    const { teachers } = this.#kind;
    const firstTeacher = this.#sides.length - this.#teachers.length;
    return coupled.flatMap((first, at) =>
      coupled.slice(at + 1).flatMap((second, further) => {
        if (!teachers) return [[first, second] as const];
        const teacherOf = (place: number) => firstTeacher + place;
        const later = [second, teacherOf(at)] as const;
        if (teachers.direction === "one_way") return [later];
        return [later, [first, teacherOf(at + 1 + further)] as const];
      }),
    );
  }

  save(): SavedState {
    const parts = [
      ...this.#pairs.map((pair) => [`pair.${pair.i}.${pair.j}`, pair.save()] as const),
      ...this.#teachers.map((one) => [`teacher.${one.member}`, one.save()] as const),
    ];
    const arrays = parts.flatMap(([part, state]) =>
      Object.entries(state.arrays).map(([name, array]) => [`${part}.${name}`, array] as const),
    );
    return {
      arrays: Object.fromEntries(arrays),
      json: Object.fromEntries(parts.map(([part, state]) => [part, state.json])),
    };
  }

  load({ arrays, json }: SavedState): void {
    const all = new Map(Object.entries(arrays));
    const of = (name: string): SavedState => ({
      arrays: statesBelow(`${name}.`, all),
      json: json[name] as SavedState["json"],
    });
    for (const pair of this.#pairs) pair.load(of(`pair.${pair.i}.${pair.j}`));
    for (const teacher of this.#teachers) teacher.load(of(`teacher.${teacher.member}`));
  }

  /** The matchings of some pairs at a time; packed atoms of all columns, and codes, are kept. */
  bytes(population: Population): CouplingBytes {
    const { backend, dIn, members } = population;
    const count = Math.max(...members.map(({ sae }) => sae.dSae));
    const { scratch, packed } = stepMatchingBytes(backend, { count, d: dIn });
    const atOnce = Math.min(PAIRS_AT_ONCE, this.#pairs.length);
    const columns = new Set(this.#pairs.map(({ j }) => j)).size;
    const codes = this.#codes?.bytes(population) ?? 0;
    return { held: columns * packed + codes, scratch: atOnce * scratch };
  }

  async pull(population: Population, { step, totalSteps, batch }: CouplingStep): Promise<Pull> {
    const { members } = population;
    const { pairNorm, refreshEvery } = this.options;
    const weight = weightAt(this.options, step, totalSteps);
    if (weight === 0) return { loss: 0, gradients: [], work: {} };
    for (const teacher of this.#teachers) teacher.follow(step);
    const chosen = this.#drawPairs(step);
    const allPairs = this.#pairs.length;
    // A random subset of the pairs stands for all of them.
    const norm = pairNorm === "mean" ? 1 / this.#memberPairs : 1;
    const scale = weight * ((norm * allPairs) / chosen.length);
    for (const { packed } of this.#sides) packed.renew();
    const kinds = await inParallel(PAIRS_AT_ONCE, chosen, async (index) => {
      const pair = this.#pairs[index]!;
      if (pair.isStale(step, refreshEvery)) return pair.match(step);
      await pair.measure();
      return undefined;
    });
    const work: Record<string, number> = {};
    for (const kind of kinds) if (kind) work[kind] = (work[kind] ?? 0) + 1;
    await this.#codes?.encode(population, batch);
    const edges = this.#sides.map(() => new PullEdges());
    let loss = 0;
    for (const index of chosen) {
      const pair = this.#pairs[index]!;
      const { i, j, rows, columns, cosine } = pair;
      const behind = { i: this.#sides[i]!.member, j: this.#sides[j]!.member };
      const { weights, total } = edgeWeights(this.#kind.weights, pair, behind, this.#codes);
      let mmcs = 0;
      for (let e = 0; e < rows.length; e++) mmcs += weights[e]! * cosine[e]!;
      // d(−scale · weight · cosine) / d(atom) points towards the partner's atom.
      edges[i]!.add({ latents: rows, partner: j, rows: columns, weights, scale: -scale });
      edges[j]!.add({ latents: columns, partner: i, rows, weights, scale: -scale });
      loss += scale * (total - mmcs);
    }
    const partners = this.#sides.map((side) => side.atoms().unit);
    for (const [i, { sae }] of members.entries()) {
      const out = this.#gradients[i];
      if (out) await edges[i]!.pull(population.backend, sae.dictionary(), partners, out);
    }
    return { loss, gradients: this.#gradients, work };
  }

  /** Indices of this step's pairs, ascending. */
  #drawPairs(step: number): number[] {
    const all = this.#pairs.map((_, index) => index);
    const { pairsPerStep, seed } = this.options;
    if (pairsPerStep === undefined || pairsPerStep >= all.length) return all;
    const order = permutation(randomStream(seed, `mfr/pairs/${step}`), all.length);
    return Array.from(order.subarray(0, pairsPerStep)).sort((a, b) => a - b);
  }
}
