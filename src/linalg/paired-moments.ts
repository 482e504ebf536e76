/** @file Means, covariance and cross-covariance of paired rows, gathered batch by batch. */

import type { Backend } from "../backend/backend.ts";

/** One side of the pairs. */
class Side {
  readonly d: number;
  /** The mean of the first batch; sums are about it, so that large means cost no digits. */
  readonly offset: Float32Array;
  readonly sum: Float64Array;
  readonly #backend: Backend;
  #centred: Float32Array;
  #isBegun = false;

  constructor(backend: Backend, d: number) {
    this.#backend = backend;
    this.d = d;
    this.offset = backend.float32(d);
    this.sum = new Float64Array(d);
    this.#centred = backend.float32(0);
  }

  /** The rows less the offset, [rows, d]; valid until the next call. */
  async centred(x: Float32Array, rows: number): Promise<Float32Array> {
    const { d, offset, sum } = this;
    if (!this.#isBegun) {
      const mean = new Float64Array(d);
      for (let i = 0; i < rows * d; i++) mean[i % d]! += x[i]! / rows;
      offset.set(mean);
      this.#isBegun = true;
    }
    if (this.#centred.length < rows * d) this.#centred = this.#backend.float32(rows * d);
    const out = this.#centred.subarray(0, rows * d);
    await this.#backend.center({ x, offset, batch: rows, dIn: d, out });
    for (let at = 0; at < out.length; at += d) for (let j = 0; j < d; j++) sum[j]! += out[at + j]!;
    return out;
  }

  mean(rows: number): Float64Array {
    return Float64Array.from(this.sum, (s, j) => this.offset[j]! + s / rows);
  }
}

/** Moments of pairs (x, y), x [d_x] and y [d_y]. */
export class PairedMoments {
  readonly #backend: Backend;
  readonly #x: Side;
  readonly #y: Side;
  readonly #products: Float64Array;
  readonly #ofBatch: Float32Array;
  rows = 0;

  /** @param dY Default: the pairs are (x, x). */
  constructor(backend: Backend, dX: number, dY?: number) {
    this.#backend = backend;
    this.#x = new Side(backend, dX);
    this.#y = dY === undefined ? this.#x : new Side(backend, dY);
    this.#products = new Float64Array(dX * this.#y.d);
    this.#ofBatch = backend.float32(dX * this.#y.d);
  }

  /** Adds the pairs of x [rows, d_x] and y [rows, d_y], in which every number is finite. */
  async add(x: Float32Array, rows: number, y = x): Promise<void> {
    const a = await this.#x.centred(x, rows);
    const b = this.#y === this.#x ? a : await this.#y.centred(y, rows);
    const [m, n] = [this.#x.d, this.#y.d];
    await this.#backend.gemm({ a, b, c: this.#ofBatch, m, n, k: rows, transposeA: true });
    for (let i = 0; i < this.#products.length; i++) this.#products[i]! += this.#ofBatch[i]!;
    this.rows += rows;
  }

  /** [d_x] and [d_y]. */
  means(): { readonly x: Float64Array; readonly y: Float64Array } {
    return { x: this.#x.mean(this.rows), y: this.#y.mean(this.rows) };
  }

  /** Σ (x − mean)(y − mean)ᵀ / rows, [d_x, d_y]. */
  covariance(): Float64Array {
    const { rows } = this;
    const { d } = this.#y;
    return this.#products.map(
      (sum, at) => (sum - (this.#x.sum[Math.floor(at / d)]! * this.#y.sum[at % d]!) / rows) / rows,
    );
  }
}
