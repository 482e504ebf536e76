/** @file Diversity: atoms of a dictionary that are like no other of the same dictionary. */

import type { Backend } from "../../backend/backend.ts";
import { openSaeRunner } from "../../sae/sae.ts";
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
  // Scores are cosines. Of the two largest of an atom one may be with itself.
  const runner = await openSaeRunner(
    backend,
    {
      selection: { kind: "topk", k: 2, relu: false },
      architecture: "topk",
      dIn: d,
      dSae: count,
      encoder: unit,
      decoder: unit,
      encoderBias: backend.float32(count),
      decoderBias: undefined,
    },
    Math.min(ROWS_AT_A_TIME, count),
  );
  let alone = 0;
  for (let start = 0; start < count; start += ROWS_AT_A_TIME) {
    const rows = Math.min(ROWS_AT_A_TIME, count - start);
    const code = await runner.encode(unit.subarray(start * d, (start + rows) * d), rows);
    for (let r = 0; r < rows; r++) {
      let nearest = -1;
      for (let e = code.indptr[r]!; e < code.indptr[r + 1]!; e++)
        if (code.indices[e] !== start + r) nearest = Math.max(nearest, code.values[e]!);
      if (nearest < threshold) alone++;
    }
  }
  return alone;
}
