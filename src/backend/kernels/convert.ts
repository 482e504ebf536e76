/** @file Kernels between stored rows and float32; see native/include/concord/convert.hpp. */

import type { TypedArray } from "../../base/dtype.ts";

/** The dtypes that rows are stored in for training, with the largest magnitude that each holds. */
export const LARGEST_STORED = {
  float16: 65504,
  bfloat16: 2 ** 127 * (2 - 2 ** -7),
  float32: 2 ** 127 * (2 - 2 ** -23),
} as const;
/** One of the keys of `LARGEST_STORED`. */
export type StoredDType = keyof typeof LARGEST_STORED;

/**
 * Stored rows in memory: row r is row r mod rowsPerChunk of chunk ⌊r / rowsPerChunk⌋. All chunks
 * but the last are full.
 */
export interface RowChunks {
  readonly chunks: readonly TypedArray[];
  readonly rowsPerChunk: number;
}

/** Arguments of `widenRows`: stored rows, and room for them in float32. */
export interface WidenRows extends RowChunks {
  readonly dtype: StoredDType;
  readonly columns: number;
  /**
   * The rows to take, [count]. Default: `count` rows starting at `first`, which is 0 by default.
   */
  readonly index?: Int32Array | undefined;
  readonly first?: number;
  readonly count: number;
  /** [count, columns] */
  readonly out: Float32Array;
}

/** Arguments of `placeRows`: rows of the stored dtype, and where among the stored rows they go. */
export interface PlaceRows extends RowChunks {
  /** The rows to write, [count, columns], in the same kind of array as the chunks. */
  readonly from: TypedArray;
  readonly columns: number;
  /** The row that each is written to, [count], all different. */
  readonly index: Int32Array;
  readonly count: number;
}

/** Arguments of `narrow`: float32 numbers, and room for them in a stored dtype. */
export interface Narrow {
  readonly x: Float32Array;
  readonly dtype: StoredDType;
  /**
   * As many elements as x, in a Uint16Array, or a Float32Array for float32. Default: only check
   * what cannot be stored.
   */
  readonly out?: TypedArray | undefined;
}

/** The bytes to hash. */
export interface Checksum {
  readonly bytes: Uint8Array;
}

/** Conversions of stored rows. */
export interface ConvertKernels {
  /** out_i = row index_i as float32, exactly. */
  widenRows(args: WidenRows): Promise<void>;
  /** Row index_i = row i of `from`. */
  placeRows(args: PlaceRows): Promise<void>;
  /**
   * out = x in the stored dtype, rounded to nearest, ties to even.
   *
   * @returns The first element that the dtype cannot hold, or −1. That is one that is not finite,
   *   or larger than LARGEST_STORED.
   */
  narrow(args: Narrow): Promise<number>;
  /** XXH32 of the bytes; see src/formats/xxh32.ts. */
  checksum(args: Checksum): Promise<number>;
}
