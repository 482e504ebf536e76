/**
 * @file How similar dictionaries are when atoms that a group takes into each other count as one.
 *
 *   MCC modulo the group = mean over matched pairs of max_k cos(a_i, M_k b_j)
 *
 * Pairs are matched one to one so that the sum is largest. A maximum over more poses is larger for
 * unrelated atoms too. So the null is that of the same group, and never the plain one. Our measure.
 */

import type { Backend } from "../backend/backend.ts";
import { mean } from "../base/statistics/mean.ts";
import type { Dictionary } from "./matching/dictionary.ts";
import type { Poses } from "./matching/posed-atoms.ts";
import { scoredAssignment } from "./matching/scored-assignment.ts";
import { nullPairs } from "./null-model.ts";

/** A similarity modulo a group, beside that of unrelated dictionaries of the same shapes. */
export interface ModuloSimilarity {
  readonly mcc: number;
  readonly null: number;
}

/** MCC of two dictionaries modulo a group. @throws {ShapeError} for another width. */
export async function mccModulo(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
  poses: Poses,
): Promise<number> {
  return mean(await scoredAssignment(backend, a, b, "cosine", { poses }));
}

/** Compares dictionaries modulo one group; the null of each shape is measured once. */
export class ModuloGroup {
  readonly #backend: Backend;
  readonly #poses: Poses;
  readonly #nulls = new Map<string, Promise<number>>();

  constructor(backend: Backend, poses: Poses) {
    this.#backend = backend;
    this.#poses = poses;
  }

  /** @throws {ShapeError} for dictionaries of another width than the matrices. */
  async compare(a: Dictionary, b: Dictionary): Promise<ModuloSimilarity> {
    return {
      mcc: await mccModulo(this.#backend, a, b, this.#poses),
      null: await this.null(a.count, b.count, a.d),
    };
  }

  /** MCC modulo the group of random dictionaries [n, d] and [m, d], the mean of a few draws. */
  null(n: number, m: number, d: number): Promise<number> {
    const key = `${n} ${m}`;
    const known = this.#nulls.get(key) ?? this.#measure(n, m, d);
    this.#nulls.set(key, known);
    return known;
  }

  async #measure(n: number, m: number, d: number): Promise<number> {
    const found: number[] = [];
    for await (const { a, b } of nullPairs(this.#backend, { n, m, d }))
      found.push(await mccModulo(this.#backend, a, b, this.#poses));
    return mean(found);
  }
}
