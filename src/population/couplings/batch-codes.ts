/** @file What each coupled member makes of a step's batch, for couplings that look at activity. */

import type { Backend } from "../../backend/backend.ts";
import { openSaeRunner, type RenewableRunner, runnerBytes, type Sae } from "../../sae/sae.ts";
import type { Batch } from "../../sae/trainable.ts";
import type { Population } from "../population.ts";

/** The code of a batch by latent: latent f is active in rows[indptr[f] .. indptr[f + 1]]. */
export interface LatentCode {
  /** Rows of the batch. */
  readonly batch: number;
  /** [d_sae + 1] */
  readonly indptr: Int32Array;
  /** [nnz], ascending for each latent; arrays may be longer than the last of `indptr`. */
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** Encodes the batch of a step with the members as they are before it. */
export class BatchCodes {
  readonly #backend: Backend;
  readonly #batch: number;
  readonly #codes = new Map<number, CodeByLatent>();

  /** @param coupled Members whose codes are needed. */
  constructor({ backend, batch }: Population, coupled: readonly number[]) {
    this.#backend = backend;
    this.#batch = batch;
    for (const member of coupled) this.#codes.set(member, new CodeByLatent(backend, batch));
  }

  /**
   * Encodes as the SAEs do when they are evaluated: architectures that select across the batch use
   * their running threshold.
   */
  async encode({ members }: Population, { x }: Batch): Promise<void> {
    for (const [member, code] of this.#codes) {
      const { sae } = members[member]!;
      await code.encode(sae.inference(), x);
    }
  }

  /** The code of a coupled member, of the batch that was last encoded. */
  of(member: number): LatentCode {
    return this.#codes.get(member)!;
  }

  /** Memory that the first step takes and keeps, bytes. */
  bytes({ members, dIn }: Population): number {
    let bytes = 0;
    for (const member of this.#codes.keys()) {
      const { sae } = members[member]!;
      const { k } = sae.bytes({ activations: 0, hasTargets: false }).inference;
      const runner = runnerBytes(this.#backend, { dIn, dSae: sae.dSae, k }, this.#batch);
      const entries = this.#batch * (k > 0 ? k : Math.ceil(sae.dSae / 16));
      bytes += runner.usual + 4 * (2 * sae.dSae + 1) + 8 * entries;
    }
    return bytes;
  }
}

/** One member's encoder and its code, in memory that is kept from step to step. */
class CodeByLatent implements LatentCode {
  readonly batch: number;
  indptr: Int32Array = new Int32Array(0);
  rows: Int32Array = new Int32Array(0);
  values: Float32Array = new Float32Array(0);
  #next: Int32Array = new Int32Array(0);
  #runner: RenewableRunner | undefined;
  readonly #backend: Backend;

  constructor(backend: Backend, batch: number) {
    this.#backend = backend;
    this.batch = batch;
  }

  async encode(sae: Sae, x: Float32Array): Promise<void> {
    if (this.#runner) await this.#runner.renew(sae);
    this.#runner ??= await openSaeRunner(this.#backend, sae, this.batch);
    const { indptr, indices, values } = await this.#runner.encode(x, this.batch);
    const count = indptr[this.batch]!;
    if (this.indptr.length === 0) {
      this.indptr = this.#backend.int32(sae.dSae + 1);
      this.#next = this.#backend.int32(sae.dSae);
    }
    if (this.rows.length < count) {
      this.rows = this.#backend.int32(indices.length);
      this.values = this.#backend.float32(indices.length);
    }
    this.indptr.fill(0);
    for (let e = 0; e < count; e++) if (values[e] !== 0) this.indptr[indices[e]! + 1]!++;
    for (let f = 0; f < sae.dSae; f++) this.indptr[f + 1]! += this.indptr[f]!;
    this.#next.set(this.indptr.subarray(0, sae.dSae));
    for (let b = 0; b < this.batch; b++)
      for (let e = indptr[b]!; e < indptr[b + 1]!; e++) {
        if (values[e] === 0) continue;
        const at = this.#next[indices[e]!]!++;
        this.rows[at] = b;
        this.values[at] = values[e]!;
      }
  }
}
