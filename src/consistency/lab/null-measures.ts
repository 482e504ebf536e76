/**
 * @file What the measures of a pair are for two SAEs that have nothing in common: dictionaries of
 *   the same shapes with directions drawn uniformly.
 *
 * The encoder of a random SAE is its decoder. So both assignments agree by construction, and the
 * null of shared@τ is the largest that unrelated dictionaries can give.
 */

import type { Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import {
  type MeasureOptions,
  measurePair,
  type PairMeasures,
  SHARED_THRESHOLDS,
} from "./pair-measures.ts";
import type { Arrangement } from "./representation.ts";

/** The numbers of `PairMeasures` that have a null. */
export interface NullMeasures
  extends Pick<
    PairMeasures,
    "meanMax" | "mcc" | "mccAbs" | "stabilityExact" | "mccEncoder" | "shared"
  > {
  readonly representation: Arrangement | undefined;
  /** Cosines of the matched atoms of one draw, [min(n, m)]. */
  readonly matched: Float32Array;
}

const SEED = 0;

async function randomDictionary(
  backend: Backend,
  name: string,
  count: number,
  d: number,
): Promise<Dictionary> {
  const unit = backend.float32(count * d);
  const [k0, k1] = randomStream(SEED, `lab/null/${name}`).key;
  await backend.fillRandom({ k0, k1, start: 0, out: unit, normal: true });
  await backend.normalizeRows({ rows: unit, unit, count, columns: d });
  return { unit, count, d };
}

async function drawn(
  backend: Backend,
  shape: readonly [number, number, number],
  draw: number,
  options: MeasureOptions,
) {
  const [n, m, d] = shape;
  const a = await randomDictionary(backend, `a/${draw}`, n, d);
  const b = await randomDictionary(backend, `b/${draw}`, m, d);
  const alignment = new Float32Array(0);
  return measurePair(
    backend,
    { decoder: a, encoder: a, alignment },
    { decoder: b, encoder: b, alignment },
    options,
  );
}

/** Draws of small dictionaries, whose means scatter; from 512 atoms on one draw is within 0.002. */
const DRAWS_BELOW = { atoms: 512, draws: 3 };

/**
 * Nulls by shape, each measured once. The draws are the same in every program, so that nulls are
 * the same numbers everywhere.
 */
export class LabNulls {
  readonly #known = new Map<string, Promise<NullMeasures>>();
  readonly #backend: Backend;
  readonly #options: MeasureOptions;

  constructor(backend: Backend, options: MeasureOptions = {}) {
    this.#backend = backend;
    this.#options = options;
  }

  /** Measures of random dictionaries [n, d] and [m, d]. */
  of(n: number, m: number, d: number): Promise<NullMeasures> {
    const key = `${n} ${m} ${d}`;
    const known = this.#known.get(key) ?? this.#measure([n, m, d]);
    this.#known.set(key, known);
    return known;
  }

  async #measure(shape: readonly [number, number, number]): Promise<NullMeasures> {
    const draws = Math.min(shape[0], shape[1]) < DRAWS_BELOW.atoms ? DRAWS_BELOW.draws : 1;
    const all: PairMeasures[] = [];
    for (let i = 0; i < draws; i++) all.push(await drawn(this.#backend, shape, i, this.#options));
    const { partnerOfA, cosine } = all[0]!.decoderMatching;
    const mean = (of: (m: PairMeasures) => number) =>
      all.reduce((sum, m) => sum + of(m), 0) / draws;
    // Whether a measure is there depends on the shape alone, so all draws have it or none.
    const known = (of: (m: PairMeasures) => number | undefined) =>
      of(all[0]!) === undefined ? undefined : mean((m) => of(m)!);
    return {
      meanMax: [mean((m) => m.meanMax[0]), mean((m) => m.meanMax[1])],
      mcc: mean((m) => m.mcc),
      mccAbs: known((m) => m.mccAbs),
      stabilityExact: known((m) => m.stabilityExact),
      mccEncoder: mean((m) => m.mccEncoder),
      shared: SHARED_THRESHOLDS.map((_, i) => mean((m) => m.shared[i]!)),
      matched: cosine.filter((_, i) => partnerOfA[i]! >= 0),
      representation: all[0]!.representation && {
        cka: mean((m) => m.representation!.cka),
        svcca: mean((m) => m.representation!.svcca),
        rsa: mean((m) => m.representation!.rsa),
      },
    };
  }
}
