/**
 * @file Mutual Feature Regularization: members are pulled towards each other's atoms.
 *
 *   L_c = weight · warm(t) · norm · Σ_{i<j} (1 − MMCS(W_i, W_j)),   norm = 1 / pairs (`mean`) or 1 (`sum`)
 *
 * MMCS is the mean cosine of matched atoms: matched one to one by exact assignment (`hungarian`, what the founding program
 * does), or to the nearest atom (`max`, one direction, as the paper describes; `symmetric_max`, the mean of both directions).
 * The matching itself is not differentiated; both sides of every pair receive gradient, through the row normalisation.
 * Marks et al. 2024 (arXiv:2411.01220); the founding program is mutual-feature-regularization e9ec664, utils/sae_trainer.py.
 */

import { bestMatches } from "../../consistency/matching/best-matches.ts";
import type { Dictionary } from "../../consistency/matching/dictionary.ts";
import { IncrementalMatcher } from "../../consistency/matching/incremental.ts";
import { decoderParameter } from "../../sae/parameters.ts";
import { permutation, randomStream } from "../../tensor/philox.ts";
import type { Population, PopulationMember } from "../population.ts";
import type { Coupling, Pull } from "./coupling.ts";
import { PullEdges } from "./pull-edges.ts";

export interface MfrOptions {
  readonly weight: number;
  readonly matching: "hungarian" | "max" | "symmetric_max";
  readonly pairNorm: "mean" | "sum";
  /** warm(t) = ½ (1 + cos(π (warmupSteps − t) / warmupSteps)) for t < warmupSteps, t counted from 1; then 1. */
  readonly warmupSteps: number;
  /** The matching is renewed every so many steps; 1 is exact. */
  readonly refreshEvery: number;
  /** Pairs that are pulled in a step, drawn at random and weighted up so that the expectation is unchanged; undefined: all. */
  readonly pairsPerStep: number | undefined;
  /** Decides which pairs a step draws. */
  readonly seed: number;
}

export const MFR_DEFAULTS: Omit<MfrOptions, "weight" | "seed"> = {
  matching: "hungarian",
  pairNorm: "mean",
  warmupSteps: 100,
  refreshEvery: 1,
  pairsPerStep: undefined,
};

/** The founding program's warm-up: its step counter is 1 in the first step. */
export function warmupFactor(step: number, warmupSteps: number): number {
  const t = step + 1;
  if (t >= warmupSteps) return 1;
  return 0.5 * (1 + Math.cos((Math.PI * (warmupSteps - t)) / warmupSteps));
}

interface Pair {
  readonly i: number;
  readonly j: number;
  readonly matcher: IncrementalMatcher;
}

export class MutualFeatureRegularization implements Coupling {
  readonly name = "mfr";
  readonly options: MfrOptions;
  readonly #pairs: readonly Pair[];
  readonly #gradients: (Float32Array | undefined)[];
  /** The last matching of each pair: what `refreshEvery` reuses. */
  readonly #matched: (MatchedPair | undefined)[];

  /** @param coupled Indices of the members that take part, ascending; default all. */
  constructor(
    population: Population,
    options: MfrOptions,
    coupled: readonly number[] = population.members.map((_, i) => i),
  ) {
    this.options = options;
    const { members, backend } = population;
    const pairs: Pair[] = [];
    for (const [at, i] of coupled.entries())
      for (const j of coupled.slice(at + 1)) {
        // The smaller dictionary gives the rows.
        const [rows, columns] =
          members[i]!.parameters.dSae <= members[j]!.parameters.dSae ? [i, j] : [j, i];
        const size = (member: number) => members[member]!.parameters.dSae;
        const matcher = new IncrementalMatcher(backend, size(rows), size(columns));
        pairs.push({ i: rows, j: columns, matcher });
      }
    this.#pairs = pairs;
    this.#matched = pairs.map(() => undefined);
    this.#gradients = members.map((m, i) =>
      coupled.includes(i) ? backend.float32(m.parameters.dSae * population.dIn) : undefined,
    );
  }

  arrays(): Record<string, Float64Array | Float32Array | Int32Array> {
    return Object.fromEntries(
      this.#pairs.flatMap(({ i, j, matcher }) =>
        Object.entries(matcher.arrays()).map(([name, array]) => [`pair.${i}.${j}.${name}`, array]),
      ),
    );
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
    const work: Record<string, number> = {};
    let loss = 0;
    const renew = async (index: number) => {
      const pair = this.#pairs[index]!;
      const before = this.#matched[index];
      if (before && step % refreshEvery !== 0) return renewCosines(population, pair, before);
      const found = await this.#match(population, pair);
      this.#matched[index] = found;
      work[found.work] = (work[found.work] ?? 0) + 1;
    };
    // Two pairs at a time: one's assignment, which has one thread, runs beside the other's products.
    for (let at = 0; at < chosen.length; at += 2)
      await Promise.all(chosen.slice(at, at + 2).map(renew));
    for (const index of chosen) {
      const { i, j } = this.#pairs[index]!;
      const { rows, columns, weights, cosine } = this.#matched[index]!;
      let mmcs = 0;
      for (let e = 0; e < rows.length; e++) {
        mmcs += weights[e]! * cosine[e]!;
        // d(−scale · weight · cosine) / d(atom) points towards the partner's atom.
        const pull = -scale * weights[e]!;
        edges[i]!.add(rows[e]!, j, columns[e]!, pull);
        edges[j]!.add(columns[e]!, i, rows[e]!, pull);
      }
      loss += scale * (1 - mmcs);
    }
    const partners = members.map((m) => m.parameters.unit);
    for (const [i, { parameters: p }] of members.entries()) {
      const csr = edges[i]!.toCsr(p.dSae);
      const parameter = decoderParameter(p) === p.unit ? undefined : decoderParameter(p);
      const out = this.#gradients[i];
      if (!out) continue;
      await backend.pullRows({ ...csr, parameter, unit: p.unit, dSae: p.dSae, dIn, partners, out });
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

  async #match(population: Population, { i, j, matcher }: Pair): Promise<MatchedPair> {
    const { backend, members } = population;
    const [rows, columns] = [dictionary(members[i]!), dictionary(members[j]!)];
    const { matching } = this.options;
    if (matching === "hungarian") {
      const work = await matcher.match(rows, columns, members[i]!.movement, members[j]!.movement);
      const n = rows.count;
      return {
        work,
        rows: Int32Array.from({ length: n }, (_, r) => r),
        columns: matcher.columnOfRow,
        weights: new Float32Array(n).fill(1 / n),
        cosine: matcher.cosine,
      };
    }
    const best = await bestMatches(backend, rows, columns);
    const towardsColumns = {
      rows: Int32Array.from({ length: rows.count }, (_, r) => r),
      columns: best.partnerOfA,
      cosine: best.bestOfA,
    };
    const towardsRows = {
      rows: best.partnerOfB,
      columns: Int32Array.from({ length: columns.count }, (_, c) => c),
      cosine: best.bestOfB,
    };
    // `max` looks from the member that comes first in the population.
    const parts =
      matching === "symmetric_max"
        ? [towardsColumns, towardsRows]
        : [i < j ? towardsColumns : towardsRows];
    return {
      work: "nearest",
      rows: concatenated(
        Int32Array,
        parts.map((p) => p.rows),
      ),
      columns: concatenated(
        Int32Array,
        parts.map((p) => p.columns),
      ),
      cosine: concatenated(
        Float32Array,
        parts.map((p) => p.cosine),
      ),
      weights: concatenated(
        Float32Array,
        parts.map((p) => new Float32Array(p.rows.length).fill(1 / (p.rows.length * parts.length))),
      ),
    };
  }
}

/** Matched atoms of one pair, their cosines and the weight of each in the pair's MMCS; the weights sum to one. */
interface MatchedPair {
  readonly work: string;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly weights: Float32Array;
  readonly cosine: Float32Array;
}

function concatenated<T extends Int32Array | Float32Array>(
  type: new (length: number) => T,
  parts: readonly T[],
): T {
  const out = new type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function dictionary(member: PopulationMember): Dictionary {
  const { unit, dSae, dIn } = member.parameters;
  return { unit, count: dSae, d: dIn };
}

/** Brings the cosines of an older matching up to the weights as they are now. */
async function renewCosines(
  population: Population,
  pair: Pair,
  matched: MatchedPair,
): Promise<void> {
  const { backend, dIn, members } = population;
  const count = matched.rows.length;
  const a = backend.float32(count * dIn);
  const matrix = members[pair.i]!.parameters.unit;
  await backend.gatherRows({ matrix, index: matched.rows, count, columns: dIn, out: a });
  const b = members[pair.j]!.parameters.unit;
  await backend.pairedDots({ a, b, index: matched.columns, count, d: dIn, out: matched.cosine });
}
