/** @file A dictionary as matching sees it: unit rows. */

import type { Backend } from "../../backend/backend.ts";
import { ShapeError } from "../../errors.ts";
import type { PackedAtoms } from "./packed-atoms.ts";

/** Atoms of length one, to be compared with those of another dictionary. */
export interface Dictionary {
  /** [count, d], rows of length one. */
  readonly unit: Float32Array;
  readonly count: number;
  readonly d: number;
  /** The atoms packed for `searchTopK`, where several matchings share them. */
  readonly packed?: PackedAtoms | undefined;
}

/**
 * Normalises rows into a dictionary. A row of zeros stays zero: its cosine with every atom is 0.
 */
export async function dictionaryOf(
  backend: Backend,
  rows: Float32Array,
  count: number,
  d: number,
): Promise<Dictionary> {
  const unit = backend.float32(count * d);
  await backend.normalizeRows({ rows, unit, count, columns: d });
  return { unit, count, d };
}

/** @throws {ShapeError} when the two dictionaries differ in width. */
export function requireSameSpace(a: Dictionary, b: Dictionary): void {
  if (a.d !== b.d)
    throw new ShapeError("match", `dictionaries of one width`, `d_in ${a.d} and d_in ${b.d}`, {
      hint: "Atoms of different spaces have no cosine; compare activations instead.",
    });
}
