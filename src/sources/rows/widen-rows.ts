/**
 * @file Stored rows of any dtype to float32: with a backend's kernel where it has one, otherwise
 *   number by number.
 */

import type { WidenRows } from "../../backend/backend.ts";
import { LARGEST_STORED, type StoredDType } from "../../backend/backend.ts";
import type { DType } from "../../base/dtype.ts";
import type { RowKernels } from "./row-kernels.ts";

/** Widens rows, given by index or in order, into `out`. */
export type Widen = (args: Omit<WidenRows, "dtype">) => Promise<void>;

/**
 * The conversion for a dtype. float16, bfloat16 and the integers up to 16 bits are exact; int32,
 * int64 and float64 round to the nearest float32; bool is 0 or 1.
 */
export function widenFrom(dtype: DType, kernels: RowKernels): Widen {
  if (Object.hasOwn(LARGEST_STORED, dtype))
    return (args) => kernels.widenRows({ dtype: dtype as StoredDType, ...args });
  return async (args) => widenNumbers(args);
}

function widenNumbers(args: Omit<WidenRows, "dtype">): void {
  const { chunks, rowsPerChunk, columns, index, first = 0, count, out } = args;
  for (let i = 0; i < count; i++) {
    const row = index ? index[i]! : first + i;
    const chunk = Math.floor(row / rowsPerChunk);
    const source = chunks[chunk]!;
    const from = (row - chunk * rowsPerChunk) * columns;
    for (let j = 0; j < columns; j++) out[i * columns + j] = Number(source[from + j]);
  }
}
