/** @file Many normal numbers of a stream at once. */

import { type RandomStream, randomBlock } from "./philox.ts";

/**
 * Standard normal numbers: element i is `normalAt(stream, i)`, four to a Philox block instead of
 * one.
 *
 * @returns [n].
 */
export function whiteNoise(stream: RandomStream, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(n);
  for (let base = 0; base < n; base += 4) {
    const block = randomBlock(stream, base / 4);
    for (let pair = 0; pair < 4 && base + pair < n; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(((block[pair]! >>> 8) + 0.5) * 2 ** -24));
      const angle = 2 * Math.PI * ((block[pair + 1]! >>> 8) * 2 ** -24);
      out[base + pair] = radius * Math.cos(angle);
      if (base + pair + 1 < n) out[base + pair + 1] = radius * Math.sin(angle);
    }
  }
  return out;
}
