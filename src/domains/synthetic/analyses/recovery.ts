/**
 * @file How many of the true features a dictionary holds, when a feature counts in any pose.
 *
 *   best        mean over features of max over atoms a and poses k of cos(a, M_k d_i)
 *   assigned    the same with one atom for each feature: the assignment of the largest sum
 *
 * A wide dictionary has several chances per feature in `best`, and one in `assigned`. Where atoms
 * are fewer than features, those without an atom count 0. Our definitions, after the toy model of
 * Erdogan and Lucic (arXiv:2511.09432), whose own are not known.
 */

import type { Backend } from "../../../backend/backend.ts";
import { mean } from "../../../base/statistics/mean.ts";
import { bestMatches } from "../../../consistency/matching/best-matches.ts";
import type { Dictionary } from "../../../consistency/matching/dictionary.ts";
import { type Poses, posedAtoms } from "../../../consistency/matching/posed-atoms.ts";
import { mccModulo } from "../../../consistency/modulo-group.ts";
import { nullPairs } from "../../../consistency/null-model.ts";

export interface Recovery {
  readonly best: number;
  readonly assigned: number;
}

/** Recovery of the features of one source, beside that by random atoms of as many. */
export class FeatureRecovery {
  readonly #backend: Backend;
  readonly #features: Dictionary;
  readonly #poses: Poses;
  readonly #nulls = new Map<number, Promise<Recovery>>();

  constructor(backend: Backend, features: Dictionary, poses: Poses) {
    this.#backend = backend;
    this.#features = features;
    this.#poses = poses;
  }

  /** @throws {ShapeError} for atoms of another width. */
  of(atoms: Dictionary): Promise<Recovery> {
    return recovery(this.#backend, this.#features, atoms, this.#poses);
  }

  /** The same of so many random atoms and of random features, the mean of a few draws. */
  null(atoms: number): Promise<Recovery> {
    const known = this.#nulls.get(atoms) ?? this.#measure(atoms);
    this.#nulls.set(atoms, known);
    return known;
  }

  async #measure(atoms: number): Promise<Recovery> {
    const { count, d } = this.#features;
    const found: Recovery[] = [];
    for await (const { a, b } of nullPairs(this.#backend, { n: count, m: atoms, d }))
      found.push(await recovery(this.#backend, a, b, this.#poses));
    return { best: mean(found.map((r) => r.best)), assigned: mean(found.map((r) => r.assigned)) };
  }
}

async function recovery(
  backend: Backend,
  features: Dictionary,
  atoms: Dictionary,
  poses: Poses,
): Promise<Recovery> {
  const best = new Float32Array(features.count).fill(-1);
  for (const posed of await posedAtoms(backend, features, poses)) {
    const { bestOfA } = await bestMatches(backend, posed, atoms);
    for (let i = 0; i < best.length; i++) best[i] = Math.max(best[i]!, bestOfA[i]!);
  }
  const pairs = Math.min(features.count, atoms.count);
  const matched = await mccModulo(backend, features, atoms, poses);
  return { best: mean(best), assigned: (matched * pairs) / features.count };
}
