/** @file Rows of a matrix by their numbers. */

import { ShapeError } from "../../errors.ts";
import { requireAxes } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";

/**
 * Rows index_i of x [rows, columns], as [count, columns]. The gradient of a row is summed over its
 * uses, in their order.
 *
 * @param index Row numbers, [count]. They are read at every step and may change between two.
 * @throws {ShapeError} when x is not a matrix; at a step, when it does not have a row.
 */
export function gather(x: TapeTensor, index: Int32Array): TapeTensor {
  requireAxes("gather", "a matrix", x, 2);
  const { rows, columns } = x;
  return x.tape.record([index.length, columns], [x], (out) => ({
    forward() {
      for (let i = 0; i < index.length; i++) {
        const row = index[i]!;
        if (row < 0 || row >= rows)
          throw new ShapeError("gather", `row numbers below ${rows}`, `${row}`);
        const at = row * columns;
        for (let j = 0; j < columns; j++) out.value[i * columns + j] = x.value[at + j]!;
      }
    },
    backward() {
      const to = x.gradient!.added();
      const g = out.gradient!.sum;
      for (let i = 0; i < index.length; i++) {
        const at = index[i]! * columns;
        for (let j = 0; j < columns; j++) to[at + j]! += g[i * columns + j]!;
      }
    },
  }));
}
