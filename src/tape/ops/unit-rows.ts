/** @file Rows of length one. */

import type { TapeTensor } from "../tensor.ts";

/** x / ‖x‖ over the last axis. A row of zeros stays zero, and gets no gradient. */
export function unitRows(x: TapeTensor): TapeTensor {
  const { tape, rows: count, columns } = x;
  return tape.record(x.shape, [x], (out) => {
    const args = { rows: x.value, unit: out.value, count, columns };
    return {
      forward: () => tape.backend.normalizeRows(args),
      backward() {
        const to = x.gradient!.added();
        const g = out.gradient!.sum;
        const unit = out.value;
        for (let r = 0, at = 0; r < count; r++, at += columns) {
          let along = 0;
          let squares = 0;
          for (let j = 0; j < columns; j++) {
            along += g[at + j]! * unit[at + j]!;
            squares += x.value[at + j]! ** 2;
          }
          const inverse = squares > 0 ? 1 / Math.sqrt(squares) : 0;
          for (let j = 0; j < columns; j++)
            to[at + j]! += inverse * (g[at + j]! - along * unit[at + j]!);
        }
      },
    };
  });
}
