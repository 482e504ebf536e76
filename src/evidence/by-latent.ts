/** @file The code of a block of rows, ordered by latent. */

import type { EncodedBatch } from "../sae/sae.ts";

/** Reorders codes; its memory is used again by the next call. */
export class ByLatent {
  /** The entries of latent i are from start[i] to start[i + 1]; [latents + 1]. */
  readonly start: Int32Array;
  /** Rows of the block, ascending within a latent. */
  rows = new Int32Array(0);
  values = new Float32Array(0);
  readonly #next: Int32Array;

  constructor(latents: number) {
    this.start = new Int32Array(latents + 1);
    this.#next = new Int32Array(latents);
  }

  /** Takes a code; entries of value 0 are left out. */
  set({ rows, indptr, indices, values }: EncodedBatch): void {
    const entries = indptr[rows]!;
    if (this.rows.length < entries) {
      this.rows = new Int32Array(entries);
      this.values = new Float32Array(entries);
    }
    this.start.fill(0);
    for (let e = 0; e < entries; e++) if (values[e] !== 0) this.start[indices[e]! + 1]!++;
    for (let i = 0; i < this.#next.length; i++) {
      this.#next[i] = this.start[i]!;
      this.start[i + 1]! += this.start[i]!;
    }
    for (let r = 0; r < rows; r++)
      for (let e = indptr[r]!; e < indptr[r + 1]!; e++) {
        if (values[e] === 0) continue;
        const at = this.#next[indices[e]!]!++;
        this.rows[at] = r;
        this.values[at] = values[e]!;
      }
  }
}
