/**
 * @file Held-out rows: a range of stored rows, read in any order through a bounded scratch buffer.
 */

import { ShapeError } from "../../errors.ts";
import { elementsOf } from "../../formats/typed-bytes.ts";
import type { RowReader } from "../source.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "./row-kernels.ts";
import { rowBytes, rowsOf, type StoredRows } from "./stored-rows.ts";
import { widenFrom } from "./widen-rows.ts";

/**
 * Reads the rows [first, first + count) of `stored` as rows 0 to count.
 *
 * @param scratchBytes Memory for stored bytes on their way; rounded to whole rows, at least one.
 */
export function rowReader(
  stored: StoredRows,
  first: number,
  count: number,
  scratchBytes: number,
  kernels: RowKernels = TYPESCRIPT_KERNELS,
): RowReader {
  const { dIn, dtype } = stored;
  const widen = widenFrom(dtype, kernels);
  const scratchRows = Math.max(1, Math.min(count, Math.floor(scratchBytes / rowBytes(stored))));
  const exclusive = oneAtATime();
  let scratch: Uint8Array | undefined;
  return {
    rows: count,
    read: (start, out) =>
      exclusive(async () => {
        const wanted = rowsOf(out, dIn, "heldOut.read");
        if (!Number.isSafeInteger(start) || start < 0 || start + wanted > count)
          throw new ShapeError(
            "heldOut.read",
            `rows inside the ${count} held out`,
            `rows ${start} to ${start + wanted}`,
          );
        scratch ??= new Uint8Array(scratchRows * rowBytes(stored));
        for (let done = 0; done < wanted; done += scratchRows) {
          const rows = Math.min(scratchRows, wanted - done);
          const bytes = scratch.subarray(0, rows * rowBytes(stored));
          await stored.read(first + start + done, bytes);
          await widen({
            chunks: [elementsOf(dtype, bytes)],
            rowsPerChunk: rows,
            columns: dIn,
            count: rows,
            out: out.subarray(done * dIn, (done + rows) * dIn),
          });
        }
      }),
  };
}
