/**
 * @file A collector to be killed: `tsx test/support/collect-store.ts FOLDER ROWS` appends numbered
 *   rows to a small float32 store from wherever it stopped, prints its row after each append, and
 *   finishes it.
 */

import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { numberedRows } from "./stored-rows.ts";

/** The store's make: shards of 4 blocks of 8 rows. */
export const SMALL_STORE = {
  dIn: 4,
  dtype: "float32",
  provenance: { kind: "test" },
  blockBytes: 8 * 16,
  shardBytes: 4 * 8 * 16,
} as const;

if (process.argv[2] !== undefined) {
  const [folder, total] = [process.argv[2], Number(process.argv[3])];
  const rows = numberedRows(total, SMALL_STORE.dIn);
  const writer = await openShardWriter({ folder, ...SMALL_STORE });
  while (writer.rowsWritten < total) {
    const end = Math.min(total, writer.rowsWritten + 5);
    await writer.append(rows.subarray(writer.rowsWritten * 4, end * 4));
    process.stdout.write(`${writer.rowsWritten}\n`);
  }
  await writer.finish();
}
