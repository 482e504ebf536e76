/** @file Some rows of a matrix, in the order that is asked for. */

import { rowBytes, type StoredRows } from "./stored-rows.ts";

/**
 * The rows of `rows` with the given numbers. Rows that follow each other are read together. Closing
 * it closes `rows`.
 *
 * @param selected Row numbers inside [0, rows).
 */
export function selectedRows(rows: StoredRows, selected: Int32Array): StoredRows {
  const bytesPerRow = rowBytes(rows);
  return {
    dtype: rows.dtype,
    dIn: rows.dIn,
    rows: selected.length,
    scratchBytes: rows.scratchBytes,
    async read(start, into) {
      const end = start + into.byteLength / bytesPerRow;
      for (let at = start; at < end; ) {
        let next = at + 1;
        while (next < end && selected[next] === selected[next - 1]! + 1) next++;
        const part = into.subarray((at - start) * bytesPerRow, (next - start) * bytesPerRow);
        await rows.read(selected[at]!, part);
        at = next;
      }
    },
    close: () => rows.close(),
  };
}
