/**
 * @file Collects which atom is pulled towards which, per member, and sorts it by atom for the
 *   pullRows kernel.
 */

import type { Backend, PullRows } from "../../backend/backend.ts";
import type { Atoms } from "../../sae/trainable.ts";

type Csr = Pick<PullRows, "indptr" | "partner" | "row" | "weight">;

/**
 * Pulls between two dictionaries: atom latents[e] towards atom rows[e] of number `partner`, with
 * weights[e] times `scale`.
 */
interface Pulls {
  readonly latents: Int32Array;
  readonly partner: number;
  readonly rows: Int32Array;
  readonly weights: Float32Array;
  readonly scale: number;
}

/** Pulls on the atoms of one dictionary, in the order in which they were added. */
export class PullEdges {
  readonly #pulls: Pulls[] = [];

  add(pulls: Pulls): void {
    this.#pulls.push(pulls);
  }

  /**
   * Writes the gradient with respect to the parameter of `atoms` into `out` [count, d], 0 where
   * nothing pulls.
   *
   * @param partners The unit rows of all dictionaries, by their number.
   */
  async pull(
    backend: Backend,
    { unit, parameter, count, d }: Atoms,
    partners: readonly Float32Array[],
    out: Float32Array,
  ): Promise<void> {
    const shape = { dSae: count, dIn: d };
    await backend.pullRows({ parameter, unit, partners, out, ...shape, ...this.#toCsr(count) });
  }

  /** The edges grouped by latent; within a latent they keep their order. */
  #toCsr(dSae: number): Csr {
    const indptr = new Int32Array(dSae + 1);
    for (const { latents } of this.#pulls) for (const latent of latents) indptr[latent + 1]!++;
    for (let f = 0; f < dSae; f++) indptr[f + 1]! += indptr[f]!;
    const next = indptr.slice(0, dSae);
    const count = indptr[dSae]!;
    const csr = {
      indptr,
      partner: new Int32Array(count),
      row: new Int32Array(count),
      weight: new Float32Array(count),
    };
    for (const { latents, partner, rows, weights, scale } of this.#pulls)
      for (let e = 0; e < latents.length; e++) {
        const at = next[latents[e]!]!++;
        csr.partner[at] = partner;
        csr.row[at] = rows[e]!;
        csr.weight[at] = scale * weights[e]!;
      }
    return csr;
  }
}
