/** @file Rows in memory as a fit passes over them. */

import type { FittingRows } from "../../src/evaluate/baselines/fitting-rows.ts";

/** Rows [rows, d_in] in batches of 256. */
export function rowsInOrder(all: Float32Array, dIn: number): FittingRows {
  const rows = all.length / dIn;
  return {
    dIn,
    rows,
    async pass(visit) {
      for (let at = 0; at < rows; at += 256) {
        const count = Math.min(256, rows - at);
        await visit(all.slice(at * dIn, (at + count) * dIn), count);
      }
    },
  };
}
