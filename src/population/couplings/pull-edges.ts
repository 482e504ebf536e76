/** @file Collects which atom is pulled towards which, per member, and sorts it by atom for the pullRows kernel. */

import type { PullRows } from "../../backend/backend.ts";

type Csr = Pick<PullRows, "indptr" | "partner" | "row" | "weight">;

/** Pulls on the atoms of one member, in the order in which they were added. */
export class PullEdges {
  readonly #latent: number[] = [];
  readonly #partner: number[] = [];
  readonly #row: number[] = [];
  readonly #weight: number[] = [];

  /** Pulls `latent` towards row `row` of member `partner`. */
  add(latent: number, partner: number, row: number, weight: number): void {
    this.#latent.push(latent);
    this.#partner.push(partner);
    this.#row.push(row);
    this.#weight.push(weight);
  }

  /** The edges grouped by latent; within a latent they keep their order. */
  toCsr(dSae: number): Csr {
    const count = this.#latent.length;
    const indptr = new Int32Array(dSae + 1);
    for (let e = 0; e < count; e++) indptr[this.#latent[e]! + 1]!++;
    for (let f = 0; f < dSae; f++) indptr[f + 1]! += indptr[f]!;
    const next = indptr.slice(0, dSae);
    const csr = {
      indptr,
      partner: new Int32Array(count),
      row: new Int32Array(count),
      weight: new Float32Array(count),
    };
    for (let e = 0; e < count; e++) {
      const at = next[this.#latent[e]!]!++;
      csr.partner[at] = this.#partner[e]!;
      csr.row[at] = this.#row[e]!;
      csr.weight[at] = this.#weight[e]!;
    }
    return csr;
  }
}
