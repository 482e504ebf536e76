/** @file A range of a store's rows, in memory. */

import type { RowKernels } from "../rows/row-kernels.ts";
import { rowReader } from "../rows/row-reader.ts";
import { readShardIndex } from "./read-index.ts";
import { openShardRows } from "./shard-rows.ts";

/**
 * Reads the rows [first, first + count) of a store.
 *
 * @returns float32 [count, d_in].
 * @throws {ConcordError} as `openShardSource`.
 */
export async function readStoreRange(
  folder: string,
  first: number,
  count: number,
  kernels: RowKernels,
): Promise<Float32Array> {
  const index = await readShardIndex(folder);
  const rows = await openShardRows(folder, index, kernels);
  try {
    const out = new Float32Array(count * index.dIn);
    await rowReader(rows, first, count, rows.scratchBytes, kernels).read(0, out);
    return out;
  } finally {
    await rows.close();
  }
}
