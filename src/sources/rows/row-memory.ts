/** @file Memory for many stored rows, in a few chunks that stay below the largest array size. */

import type { RowChunks } from "../../backend/backend.ts";
import type { DType } from "../../base/dtype.ts";
import { elementsOf } from "../../formats/typed-bytes.ts";
import type { RowKernels } from "./row-kernels.ts";
import { rowBytes } from "./stored-rows.ts";

/**
 * Size of a chunk, unless a block is larger. The chunks are few enough to name all of them in one
 * call of the native core.
 */
const CHUNK_BYTES = 2 ** 28;

/**
 * Zeroed memory for `rows` rows.
 *
 * @param rowsPerBlock Chunks hold whole blocks of this many rows.
 */
export function allocateRows(
  stored: { readonly dtype: DType; readonly dIn: number },
  rows: number,
  rowsPerBlock: number,
  kernels: RowKernels,
): RowChunks {
  const bytes = rowBytes(stored);
  const blocks = Math.max(1, Math.floor(CHUNK_BYTES / (rowsPerBlock * bytes)));
  const rowsPerChunk = blocks * rowsPerBlock;
  const chunks = Array.from({ length: Math.ceil(rows / rowsPerChunk) }, (_, chunk) => {
    const held = Math.min(rowsPerChunk, rows - chunk * rowsPerChunk);
    return elementsOf(stored.dtype, kernels.bytes(held * bytes));
  });
  return { chunks, rowsPerChunk };
}
