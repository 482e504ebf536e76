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
import { measurePair, type PairMeasures, SHARED_THRESHOLDS } from "./pair-measures.ts";

/** The numbers of `PairMeasures` that have a null. */
export type NullMeasures = Pick<
  PairMeasures,
  "meanMax" | "mcc" | "mccAbs" | "mccEncoder" | "shared"
>;

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

async function drawn(backend: Backend, shape: readonly [number, number, number], draw: number) {
  const [n, m, d] = shape;
  const a = await randomDictionary(backend, `a/${draw}`, n, d);
  const b = await randomDictionary(backend, `b/${draw}`, m, d);
  const alignment = new Float32Array(0);
  return measurePair(
    backend,
    { decoder: a, encoder: a, alignment },
    { decoder: b, encoder: b, alignment },
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

  constructor(backend: Backend) {
    this.#backend = backend;
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
    const all: NullMeasures[] = [];
    for (let i = 0; i < draws; i++) all.push(await drawn(this.#backend, shape, i));
    const mean = (of: (m: NullMeasures) => number) =>
      all.reduce((sum, m) => sum + of(m), 0) / draws;
    return {
      meanMax: [mean((m) => m.meanMax[0]), mean((m) => m.meanMax[1])],
      mcc: mean((m) => m.mcc),
      mccAbs: all[0]!.mccAbs === undefined ? undefined : mean((m) => m.mccAbs!),
      mccEncoder: mean((m) => m.mccEncoder),
      shared: SHARED_THRESHOLDS.map((_, i) => mean((m) => m.shared[i]!)),
    };
  }
}
