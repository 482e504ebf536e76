/**
 * @file Mutual Feature Regularization: members are pulled towards each other's atoms.
 *
 *   L_c = weight · warm(t) · norm · Σ_{i<j} (1 − MMCS(W_i, W_j))
 *   norm = 1 / pairs (`mean`) or 1 (`sum`)
 *
 * MMCS is the mean cosine of matched atoms. `hungarian` matches them one to one by exact
 * assignment, as the MFR authors' code does. `max` takes the nearest atom in one direction, as the
 * paper describes, and `symmetric_max` the mean of both directions. The matching itself is not
 * differentiated; both sides of every pair receive gradient, through the row normalisation. Marks
 * et al. 2024 (arXiv:2411.01220); the authors' code is mutual-feature-regularization e9ec664,
 * utils/sae_trainer.py.
 */

import { type SavedState, statesBelow } from "../../base/checkpointable.ts";
import { permutation, randomStream } from "../../base/philox.ts";
import { stepMatchingBytes } from "../../consistency/matching/matching-bytes.ts";
import { PackedAtoms } from "../../consistency/matching/packed-atoms.ts";
import type { Population } from "../population.ts";
import type { Coupling, CouplingBytes, Pull } from "./coupling.ts";
import { inParallel } from "./in-parallel.ts";
import { MatchedPair, type MatchingKind } from "./matched-pair.ts";
import { PullEdges } from "./pull-edges.ts";

export interface MfrOptions {
  readonly weight: number;
  readonly matching: MatchingKind;
  readonly pairNorm: "mean" | "sum";
  /**
   * warm(t) = ½ (1 + cos(π (warmupSteps − t) / warmupSteps)) for t < warmupSteps, t counted from 1;
   * then 1.
   */
  readonly warmupSteps: number;
  /**
   * A pair that is pulled is matched anew when its matching is so many steps old, or one of its
   * members has started again since. 1 is exact.
   */
  readonly refreshEvery: number;
  /**
   * Pairs that are pulled in a step, drawn at random and weighted up so that the expectation is
   * unchanged; undefined: all.
   */
  readonly pairsPerStep: number | undefined;
  /** Decides which pairs a step draws. */
  readonly seed: number;
}

/**
 * The MFR authors' choices: exact matching of every pair at every step, the mean over pairs,
 * 100 steps of warm-up.
 */
export const MFR_DEFAULTS: Omit<MfrOptions, "weight" | "seed"> = {
  matching: "hungarian",
  pairNorm: "mean",
  warmupSteps: 100,
  refreshEvery: 1,
  pairsPerStep: undefined,
};

/** One pair's assignment, which has one thread, runs beside another's products. */
const PAIRS_AT_ONCE = 3;

/** The MFR authors' warm-up: its step counter is 1 in the first step. */
function warmupFactor(step: number, warmupSteps: number): number {
  const t = step + 1;
  if (t >= warmupSteps) return 1;
  return 0.5 * (1 + Math.cos((Math.PI * (warmupSteps - t)) / warmupSteps));
}

/**
 * L_c = weight · warm(t) · norm · Σ_{i<j} (1 − MMCS(W_i, W_j)) over the coupled members, and its
 * gradient; see the head of this file.
 */
export class MutualFeatureRegularization implements Coupling {
  readonly name = "mfr";
  readonly options: MfrOptions;
  readonly #coupled: readonly number[];
  readonly #pairs: readonly MatchedPair[];
  readonly #packed: readonly PackedAtoms[];
  readonly #gradients: (Float32Array | undefined)[];

  /** @param coupled Indices of the members that take part, ascending; default all. */
  constructor(
    population: Population,
    options: MfrOptions,
    coupled: readonly number[] = population.members.map((_, i) => i),
  ) {
    this.options = options;
    const { members, backend } = population;
    this.#coupled = coupled;
    this.#pairs = coupled.flatMap((first, at) =>
      coupled
        .slice(at + 1)
        .map((second) => new MatchedPair(population, options.matching, first, second)),
    );
    this.#packed = members.map(
      ({ sae, movement }) => new PackedAtoms(backend, sae.dictionary().unit, movement.groups.order),
    );
    this.#gradients = members.map(({ sae }, i) =>
      coupled.includes(i) ? backend.float32(sae.dSae * population.dIn) : undefined,
    );
  }

  save(): SavedState {
    const saved = this.#pairs.map((pair) => [`pair.${pair.i}.${pair.j}`, pair.save()] as const);
    const arrays = saved.flatMap(([pair, state]) =>
      Object.entries(state.arrays).map(([name, array]) => [`${pair}.${name}`, array] as const),
    );
    return {
      arrays: Object.fromEntries(arrays),
      json: Object.fromEntries(saved.map(([pair, state]) => [pair, state.json])),
    };
  }

  load({ arrays, json }: SavedState): void {
    const all = new Map(Object.entries(arrays));
    for (const pair of this.#pairs) {
      const name = `pair.${pair.i}.${pair.j}`;
      const own = json[name] as SavedState["json"];
      pair.load({ arrays: statesBelow(`${name}.`, all), json: own });
    }
  }

  /** The matchings of some pairs at a time; packed atoms of all columns are kept. */
  bytes({ backend, dIn, members }: Population): CouplingBytes {
    const count = Math.max(...members.map(({ sae }) => sae.dSae));
    const { scratch, packed } = stepMatchingBytes(backend, { count, d: dIn });
    const atOnce = Math.min(PAIRS_AT_ONCE, this.#pairs.length);
    return { held: (this.#coupled.length - 1) * packed, scratch: atOnce * scratch };
  }

  async pull(population: Population, step: number): Promise<Pull> {
    const { members, backend, dIn } = population;
    const { weight, pairNorm, warmupSteps, refreshEvery } = this.options;
    const chosen = this.#drawPairs(step);
    const allPairs = this.#pairs.length;
    // A random subset of the pairs stands for all of them.
    const perPair = ((pairNorm === "mean" ? 1 / allPairs : 1) * allPairs) / chosen.length;
    const scale = weight * warmupFactor(step, warmupSteps) * perPair;
    const edges = members.map(() => new PullEdges());
    let loss = 0;
    for (const packed of this.#packed) packed.renew();
    const kinds = await inParallel(PAIRS_AT_ONCE, chosen, async (index) => {
      const pair = this.#pairs[index]!;
      if (pair.isStale(step, refreshEvery)) return pair.match(step, this.#packed);
      await pair.measure();
      return undefined;
    });
    const work: Record<string, number> = {};
    for (const kind of kinds) if (kind) work[kind] = (work[kind] ?? 0) + 1;
    for (const index of chosen) {
      const { i, j, rows, columns, weights, cosine } = this.#pairs[index]!;
      let mmcs = 0;
      for (let e = 0; e < rows.length; e++) mmcs += weights[e]! * cosine[e]!;
      // d(−scale · weight · cosine) / d(atom) points towards the partner's atom.
      edges[i]!.add({ latents: rows, partner: j, rows: columns, weights, scale: -scale });
      edges[j]!.add({ latents: columns, partner: i, rows, weights, scale: -scale });
      loss += scale * (1 - mmcs);
    }
    const dictionaries = members.map(({ sae }) => sae.dictionary());
    const partners = dictionaries.map(({ unit }) => unit);
    for (const [i, { unit, parameter, count: dSae }] of dictionaries.entries()) {
      const csr = edges[i]!.toCsr(dSae);
      const out = this.#gradients[i];
      if (!out) continue;
      await backend.pullRows({ parameter, unit, dSae, dIn, partners, out, ...csr });
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
