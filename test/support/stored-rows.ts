/**
 * @file Rows whose numbers say which row they are, for tests of the order in which rows are served.
 */

import { rowsInMemory, type StoredRows } from "../../src/sources/rows/stored-rows.ts";
import type { ActivationStream } from "../../src/sources/source.ts";

/** float32 [rows, dIn] in which element c of row r is r + c / 1024, exact for r below 2¹³. */
export function numberedRows(rows: number, dIn: number): Float32Array {
  return Float32Array.from(
    { length: rows * dIn },
    (_, i) => Math.floor(i / dIn) + (i % dIn) / 1024,
  );
}

/** The row that each row of a batch of `numberedRows` is. @throws when one is not a whole row. */
export function rowNumbers(batch: Float32Array, dIn: number): number[] {
  return Array.from({ length: batch.length / dIn }, (_, i) => {
    const row = batch[i * dIn]!;
    for (let c = 0; c < dIn; c++)
      if (batch[i * dIn + c] !== row + c / 1024)
        throw new Error(
          `Row ${i} of the batch is not a row: column ${c} is ${batch[i * dIn + c]}.`,
        );
    return row;
  });
}

/** The next `count` rows of a stream over `numberedRows`, asked for `batch` rows at a time. */
export async function served(
  stream: ActivationStream,
  dIn: number,
  count: number,
  batch = count,
): Promise<number[]> {
  const rows: number[] = [];
  while (rows.length < count) {
    const out = new Float32Array(Math.min(batch, count - rows.length) * dIn).fill(Number.NaN);
    await stream.next(out);
    rows.push(...rowNumbers(out, dIn));
  }
  return rows;
}

/**
 * Numbered rows whose reads take a turn of the event loop, fail when `fails` says so, and are
 * counted.
 */
export function slowRows(
  rows: number,
  dIn: number,
  fails: (read: number) => boolean = () => false,
) {
  const inner = rowsInMemory("float32", dIn, numberedRows(rows, dIn));
  const counts = { reads: 0, inFlight: 0, mostInFlight: 0, rowsRead: 0 };
  const stored: StoredRows = {
    ...inner,
    async read(start, into) {
      const read = counts.reads++;
      counts.mostInFlight = Math.max(counts.mostInFlight, ++counts.inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      counts.inFlight--;
      if (fails(read)) throw new Error(`read ${read} failed`);
      counts.rowsRead += into.byteLength / (4 * dIn);
      await inner.read(start, into);
    },
  };
  return { stored, counts };
}
