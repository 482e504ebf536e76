/**
 * @file Rows of activations wherever they lie (a file, many shards, an array), in the dtype they
 *   were stored in, read by range. Everything about shuffling and held-out rows is built on this
 *   one interface.
 */

import { DTYPE_BYTES, type DType, type TypedArray } from "../../base/dtype.ts";
import { ConcordError, expected, ShapeError } from "../../errors.ts";
import { bytesOf } from "../../formats/typed-bytes.ts";

/** A matrix [rows, d_in] in its stored dtype, row-major and little-endian. */
export interface StoredRows {
  readonly dtype: DType;
  readonly dIn: number;
  readonly rows: number;
  /** Rows that the array itself groups: its last axis but one, where it has three or more. */
  readonly innerRows?: number | undefined;
  /** Bytes that this reader itself may use, apart from the memory that it fills. */
  readonly scratchBytes: number;
  /**
   * Fills `into` with the rows from `start` on, as many as it holds. Calls may overlap.
   *
   * @param into A whole number of rows, all inside [0, rows): checked by the callers in this
   *   folder.
   */
  read(start: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Bytes of one stored row. */
export function rowBytes({ dtype, dIn }: { readonly dtype: DType; readonly dIn: number }): number {
  return DTYPE_BYTES[dtype] * dIn;
}

/** Rows that are already in memory. Nothing is copied until they are read. */
export function rowsInMemory(dtype: DType, dIn: number, data: TypedArray): StoredRows {
  const bytes = bytesOf(data);
  return {
    dtype,
    dIn,
    rows: data.length / dIn,
    scratchBytes: 0,
    async read(start, into) {
      const first = start * dIn * DTYPE_BYTES[dtype];
      into.set(bytes.subarray(first, first + into.byteLength));
    },
    close: async () => undefined,
  };
}

/** How many rows a source keeps for evaluation. */
export interface HeldOutOptions {
  /**
   * Share of the rows, the last ones, that training never sees. Default 0.1, and at least one row.
   */
  readonly heldOutFraction?: number;
  /** The same as a number of rows; wins over the fraction. */
  readonly heldOutRows?: number;
}

/**
 * How many rows are asked to be held out of `rows`.
 *
 * @throws {ConcordError} when that leaves nothing to train on, or the options are out of range.
 */
export function heldOutCount(rows: number, options: HeldOutOptions, where: string): number {
  if (rows < 2)
    throw new ConcordError(
      "argument/invalid",
      `${where} holds ${rows} row(s); at least 2 are needed, one to train on and one held out.`,
    );
  const { heldOutFraction = 0.1, heldOutRows } = options;
  if (heldOutRows !== undefined) {
    if (!Number.isSafeInteger(heldOutRows) || heldOutRows < 1 || heldOutRows >= rows)
      throw expected("heldOutRows", `an integer from 1 to ${rows - 1}`, heldOutRows);
    return heldOutRows;
  }
  if (!(heldOutFraction > 0 && heldOutFraction < 1))
    throw expected("heldOutFraction", "a number between 0 and 1, both excluded", heldOutFraction);
  return Math.min(rows - 1, Math.max(1, Math.round(heldOutFraction * rows)));
}

/** The number of rows that `out` takes. @throws {ShapeError} when it is not a whole number. */
export function rowsOf(out: Float32Array, dIn: number, where: string): number {
  if (out.length % dIn !== 0)
    throw new ShapeError(where, `a whole number of rows of d_in ${dIn}`, `${out.length} elements`);
  return out.length / dIn;
}
