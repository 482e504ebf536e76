/** @file Fisher–Yates on an existing array, with the draws of `permutation` in philox.ts. */

import { type RandomStream, randomBlock } from "./philox.ts";

/**
 * Shuffles the first `n` elements: element i swaps with one drawn from the first i + 1. The
 * identity becomes `permutation(stream, n)`. It is faster, because it uses four draws per Philox
 * block instead of one.
 */
export function shuffleInPlace(order: Int32Array, n: number, stream: RandomStream): void {
  for (let base = 0; base < n; base += 4) {
    const block = randomBlock(stream, base / 4);
    const end = Math.min(n, base + 4);
    for (let i = base; i < end; i++) {
      const j = Math.floor((block[i - base]! / 2 ** 32) * (i + 1));
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
  }
}
