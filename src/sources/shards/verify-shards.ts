/**
 * @file Reads a whole store against its checksums: after copying one, or before trusting an old
 *   disk.
 */

import { verifyFile } from "../../formats/checked-file.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../rows/row-kernels.ts";
import { readShardIndex } from "./read-index.ts";
import { shardRowBytes } from "./shard-index.ts";
import { openShardRows } from "./shard-rows.ts";

/**
 * Checks every block of the store in `folder`, complete or not, and of its token ids; one block is
 * in memory.
 *
 * @param options.kernels The backend that computes the checksums; default plain TypeScript.
 * @param options.onBlock Told after each block how many are done, of how many.
 * @returns How much there was.
 * @throws {FormatError} naming the first damaged block; otherwise as `openShardSource`.
 */
export async function verifyShards(
  folder: string,
  options: {
    readonly kernels?: RowKernels;
    readonly onBlock?: (done: number, of: number) => void;
  } = {},
): Promise<{ readonly blocks: number; readonly rows: number }> {
  const index = await readShardIndex(folder);
  const { kernels = TYPESCRIPT_KERNELS } = options;
  if (index.tokens) await verifyFile(folder, index.tokens, (bytes) => kernels.checksum({ bytes }));
  const rows = await openShardRows(folder, index, kernels);
  try {
    const blocks = Math.ceil(rows.rows / index.blockRows);
    const buffer = new Uint8Array(rows.scratchBytes);
    for (let block = 0; block < blocks; block++) {
      const start = block * index.blockRows;
      const count = Math.min(index.blockRows, rows.rows - start);
      await rows.read(start, buffer.subarray(0, count * shardRowBytes(index)));
      options.onBlock?.(block + 1, blocks);
    }
    return { blocks, rows: rows.rows };
  } finally {
    await rows.close();
  }
}
