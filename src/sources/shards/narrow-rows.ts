/**
 * @file float32 rows to the dtype of a store, refusing what it cannot hold: an infinity made in
 *   silence poisons training.
 */

import { LARGEST_STORED } from "../../backend/backend.ts";
import { DTYPE_BYTES, type TypedArray } from "../../base/dtype.ts";
import { ConcordError } from "../../errors.ts";
import { bytesOf, elementsOf } from "../../formats/typed-bytes.ts";
import type { RowKernels } from "../rows/row-kernels.ts";
import type { ShardDType } from "./shard-index.ts";

/** One block of rows in the stored dtype, filled row by row. */
export class NarrowRows {
  readonly #dtype: ShardDType;
  readonly #dIn: number;
  readonly #kernels: RowKernels;
  readonly #block: TypedArray;

  constructor(dtype: ShardDType, dIn: number, blockRows: number, kernels: RowKernels) {
    this.#dtype = dtype;
    this.#dIn = dIn;
    this.#kernels = kernels;
    this.#block = elementsOf(dtype, kernels.bytes(blockRows * dIn * DTYPE_BYTES[dtype]));
  }

  /**
   * Checks that every number can be stored.
   *
   * @param firstRow What the first row is called in messages.
   * @throws {ConcordError} `numeric/not-finite`.
   */
  async requireStorable(rows: Float32Array, firstRow: number): Promise<void> {
    const dtype = this.#dtype;
    const bad = await this.#kernels.narrow({ x: rows, dtype });
    if (bad < 0) return;
    const at = `row ${firstRow + Math.floor(bad / this.#dIn)}, column ${bad % this.#dIn}`;
    const value = rows[bad]!;
    if (!Number.isFinite(value))
      throw new ConcordError("numeric/not-finite", `The activation at ${at} is ${value}.`, {
        hint: "Check what produced it: a model in half precision overflows like this.",
      });
    throw new ConcordError(
      "numeric/not-finite",
      `The activation at ${at} is ${value}, beyond ±${LARGEST_STORED[dtype]}, the range of ${dtype}.`,
      { hint: dtype === "float16" ? "Store bfloat16 or float32." : "Store float32." },
    );
  }

  /**
   * Converts `count` rows of `rows` from row `from` on to row `to` of the block, rounding to
   * nearest, ties to even.
   */
  async put(rows: Float32Array, from: number, count: number, to: number): Promise<void> {
    await this.#kernels.narrow({
      x: rows.subarray(from * this.#dIn, (from + count) * this.#dIn),
      dtype: this.#dtype,
      out: this.#block.subarray(to * this.#dIn, (to + count) * this.#dIn),
    });
  }

  /** The stored bytes of the first `count` rows, in the block's own memory. */
  bytes(count: number): Uint8Array {
    return bytesOf(this.#block).subarray(0, count * this.#dIn * DTYPE_BYTES[this.#dtype]);
  }
}
