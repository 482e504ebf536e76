/** @file Nearest atoms: the largest cosine of every atom in the other dictionary. */

import type { Backend } from "../../backend/backend.ts";
import { type Dictionary, requireSameSpace } from "./dictionary.ts";

/** The nearest atom in the other dictionary, for every atom of both. */
export interface BestMatches {
  /**
   * Largest cosine of each atom of a, and the atom of b that has it; ties go to the lower index.
   */
  readonly bestOfA: Float32Array;
  readonly partnerOfA: Int32Array;
  readonly bestOfB: Float32Array;
  readonly partnerOfB: Int32Array;
}

/** Largest cosines in both directions. @throws {ShapeError} for dictionaries of different d. */
export async function bestMatches(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
): Promise<BestMatches> {
  requireSameSpace(a, b);
  const found: BestMatches = {
    bestOfA: backend.float32(a.count),
    partnerOfA: backend.int32(a.count),
    bestOfB: backend.float32(b.count),
    partnerOfB: backend.int32(b.count),
  };
  await backend.bestMatches({ a: a.unit, b: b.unit, n: a.count, m: b.count, d: a.d, ...found });
  return found;
}
