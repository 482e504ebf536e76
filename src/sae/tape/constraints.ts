/** @file Rows at length one: what keeps them so, and how far they move. */

import type { TapeTensor } from "../../tape/tensor.ts";

/** Takes from the gradient of each row, whose length is one, its part along the row. */
export function projectAlongRows({ value, gradient }: TapeTensor, columns: number): void {
  const { sum } = gradient!;
  for (let at = 0; at < value.length; at += columns) {
    let along = 0;
    for (let j = 0; j < columns; j++) along += sum[at + j]! * value[at + j]!;
    for (let j = 0; j < columns; j++) sum[at + j]! -= along * value[at + j]!;
  }
}

/** Adds how far each row moved, rounded up. */
export function addMovement(
  moved: Float32Array,
  before: Float32Array,
  after: Float32Array,
  columns: number,
): void {
  for (let row = 0, i = 0; row < moved.length; row++) {
    let squares = 0;
    for (let j = 0; j < columns; j++, i++) squares += (after[i]! - before[i]!) ** 2;
    moved[row]! += Math.sqrt(squares) * (1 + 2 ** -20);
  }
}
