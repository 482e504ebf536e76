/** @file Diversity: atoms of a dictionary that are like no other of the same dictionary. */

import type { Backend } from "../../backend/backend.ts";
import type { Dictionary } from "../matching/dictionary.ts";

const ROWS_AT_A_TIME = 1024;

/**
 * Number of atoms whose cosine with every other atom of the same dictionary is below `threshold`:
 * diversity@0.7 of Gadgil, Lin and Lee 2026 (arXiv:2505.16077). An atom of length zero has cosine 0
 * with all others.
 */
export async function diversity(
  backend: Backend,
  { unit, count, d }: Dictionary,
  threshold = 0.7,
): Promise<number> {
  if (count < 2) return count;
  // Of the two largest cosines of an atom one may be with itself.
  const shape = { dIn: d, dSae: count, k: 2 };
  const packed = backend.bytes(backend.encoderPacking(shape).bytes);
  await backend.packEncoder({ W: unit, packed, ...shape });
  const most = Math.min(ROWS_AT_A_TIME, count);
  const indices = backend.int32(2 * most);
  const values = backend.float32(2 * most);
  const common = { W: unit, bias: backend.float32(count), packed, relu: false, margin: 32 };
  let alone = 0;
  for (let start = 0; start < count; start += most) {
    const batch = Math.min(most, count - start);
    const x = unit.subarray(start * d, (start + batch) * d);
    await backend.encodeTopK({ x, batch, indices, values, ...common, ...shape });
    for (let r = 0; r < batch; r++) {
      const others = [2 * r, 2 * r + 1].filter((e) => indices[e] !== start + r);
      if (Math.max(...others.map((e) => values[e]!)) < threshold) alone++;
    }
  }
  return alone;
}
