/**
 * @file Fisher–Yates on an array that is already there, with the draws of `permutation` in
 *   philox.ts.
 */

import { type RandomStream, randomBlock } from "./philox.ts";

/**
 * Shuffles the first `n` elements: element i swaps with one drawn from the i + 1 first. The
 * identity becomes `permutation(stream, n)`, four draws to a Philox block instead of one, which is
 * what makes it fast.
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
