/** @file float32 rows to the dtype of a store, refusing what it cannot hold: an infinity made in silence poisons training. */

import { ConcordError } from "../../errors.ts";
import { bytesOf, elementsOf } from "../../formats/typed-bytes.ts";
import { DTYPE_BYTES, type TypedArray } from "../../tensor/dtype.ts";
import { toBfloat16, toFloat16 } from "../../tensor/float16.ts";
import type { ShardDType } from "./shard-index.ts";

/** The largest magnitude that each dtype holds; for bfloat16, below which nothing rounds up to infinity. */
const LARGEST: Readonly<Record<ShardDType, number>> = {
  float16: 65504,
  bfloat16: 2 ** 127 * (2 - 2 ** -7),
  float32: 2 ** 127 * (2 - 2 ** -23),
};

/** One block of rows in the stored dtype, filled row by row. */
export class NarrowRows {
  readonly #dtype: ShardDType;
  readonly #dIn: number;
  readonly #block: TypedArray;

  constructor(dtype: ShardDType, dIn: number, blockRows: number) {
    this.#dtype = dtype;
    this.#dIn = dIn;
    const bytes = new Uint8Array(new ArrayBuffer(blockRows * dIn * DTYPE_BYTES[dtype]));
    this.#block = elementsOf(dtype, bytes);
  }

  /**
   * Checks that every number can be stored.
   *
   * @param firstRow What the first row is called in messages.
   * @throws {ConcordError} `numeric/not-finite`.
   */
  requireStorable(rows: Float32Array, firstRow: number): void {
    const largest = LARGEST[this.#dtype];
    for (let i = 0; i < rows.length; i++) {
      if (Math.abs(rows[i]!) <= largest) continue;
      const at = `row ${firstRow + Math.floor(i / this.#dIn)}, column ${i % this.#dIn}`;
      const value = rows[i]!;
      if (!Number.isFinite(value))
        throw new ConcordError("numeric/not-finite", `The activation at ${at} is ${value}.`, {
          hint: "Look at what produced it: a model in half precision overflows like this.",
        });
      throw new ConcordError(
        "numeric/not-finite",
        `The activation at ${at} is ${value}, beyond ±${largest}, the range of ${this.#dtype}.`,
        { hint: this.#dtype === "float16" ? "Store bfloat16 or float32." : "Store float32." },
      );
    }
  }

  /** Converts `count` rows of `rows` from row `from` on to row `to` of the block, rounding to nearest, ties to even. */
  put(rows: Float32Array, from: number, count: number, to: number): void {
    const [start, end] = [from * this.#dIn, (from + count) * this.#dIn];
    const offset = to * this.#dIn - start;
    const block = this.#block;
    if (this.#dtype === "float32")
      (block as Float32Array).set(rows.subarray(start, end), start + offset);
    else if (this.#dtype === "float16")
      for (let i = start; i < end; i++) block[i + offset] = toFloat16(rows[i]!);
    else for (let i = start; i < end; i++) block[i + offset] = toBfloat16(rows[i]!);
  }

  /** The stored bytes of the first `count` rows, in the block's own memory. */
  bytes(count: number): Uint8Array {
    return bytesOf(this.#block).subarray(0, count * this.#dIn * DTYPE_BYTES[this.#dtype]);
  }
}
