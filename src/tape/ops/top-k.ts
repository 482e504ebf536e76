/** @file The k largest numbers of each row. */

import { expected } from "../../errors.ts";
import type { TapeTensor } from "../tensor.ts";

/**
 * Keeps the k largest numbers of each row of x, [..., columns], and sets the others to zero. Of
 * equal numbers, those of lower index are kept. The gradient flows to what is kept.
 *
 * @throws {ConcordError} "argument/invalid" when k is not an integer from 1 to columns.
 */
export function topK(x: TapeTensor, k: number): TapeTensor {
  const { tape, rows, columns } = x;
  if (!Number.isInteger(k) || k < 1 || k > columns)
    throw expected("k", `an integer from 1 to ${columns}`, k);
  return tape.record(x.shape, [x], (out) => {
    const kept = tape.int32(rows * k);
    const heap = new Int32Array(k);
    return {
      forward() {
        out.value.fill(0);
        for (let r = 0; r < rows; r++) {
          largest(x.value, r * columns, columns, heap);
          for (let i = 0; i < k; i++) {
            const at = heap[i]!;
            kept[r * k + i] = at;
            out.value[at] = x.value[at]!;
          }
        }
      },
      backward() {
        const to = x.gradient!.added();
        const g = out.gradient!.sum;
        for (let i = 0; i < kept.length; i++) to[kept[i]!]! += g[kept[i]!]!;
      },
    };
  });
}

/** Whether the number at i is to be dropped before that at j. NaN is dropped first. */
function isLess(x: Float32Array, i: number, j: number): boolean {
  const [a, b] = [x[i]!, x[j]!];
  if (a === b) return i > j;
  return a < b || Number.isNaN(a);
}

/**
 * Fills `heap` with the positions of the largest of x[at … at + columns). It is a binary heap with
 * the smallest of them on top.
 */
function largest(x: Float32Array, at: number, columns: number, heap: Int32Array): void {
  const k = heap.length;
  for (let i = 0; i < k; i++) heap[i] = at + i;
  for (let i = (k >> 1) - 1; i >= 0; i--) sink(x, heap, i);
  for (let i = at + k; i < at + columns; i++)
    if (isLess(x, heap[0]!, i)) {
      heap[0] = i;
      sink(x, heap, 0);
    }
}

/** Lets the element at `i` sink to where no element below it is smaller. */
function sink(x: Float32Array, heap: Int32Array, i: number): void {
  const k = heap.length;
  for (let parent = i; ; ) {
    let least = parent;
    for (let child = 2 * parent + 1; child < Math.min(k, 2 * parent + 3); child++)
      if (isLess(x, heap[child]!, heap[least]!)) least = child;
    if (least === parent) return;
    const moved = heap[parent]!;
    heap[parent] = heap[least]!;
    heap[least] = moved;
    parent = least;
  }
}
