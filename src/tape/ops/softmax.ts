/** @file Softmax over the last axis. */

import type { TapeTensor } from "../tensor.ts";

/** exp(x − max) / Σ exp(x − max) over the last axis of x. */
export function softmax(x: TapeTensor): TapeTensor {
  const { rows, columns } = x;
  return x.tape.record(x.shape, [x], (out) => ({
    forward() {
      for (let r = 0; r < rows; r++) softmaxRow(x.value, out.value, r * columns, columns);
    },
    backward() {
      const to = x.gradient!.added();
      const g = out.gradient!.sum;
      const p = out.value;
      for (let r = 0, at = 0; r < rows; r++, at += columns) {
        let along = 0;
        for (let j = 0; j < columns; j++) along += g[at + j]! * p[at + j]!;
        for (let j = 0; j < columns; j++) to[at + j]! += p[at + j]! * (g[at + j]! - along);
      }
    },
  }));
}

/** Softmax of the `columns` numbers at `at`; returns the logarithm of Σ exp(x). */
export function softmaxRow(
  x: Float32Array,
  out: Float32Array,
  at: number,
  columns: number,
): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < columns; j++) most = Math.max(most, x[at + j]!);
  let total = 0;
  for (let j = 0; j < columns; j++) total += Math.exp(x[at + j]! - most);
  for (let j = 0; j < columns; j++) out[at + j] = Math.exp(x[at + j]! - most) / total;
  return most + Math.log(total);
}
