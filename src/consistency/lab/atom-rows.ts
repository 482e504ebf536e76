/** @file Some atoms of a dictionary as a matrix of their own. */

import type { Backend } from "../../backend/backend.ts";
import type { Dictionary } from "../matching/dictionary.ts";

/** A matrix [count, d]. */
export interface Rows {
  readonly matrix: Float32Array;
  readonly count: number;
  readonly d: number;
}

/** The atoms `index` of a dictionary, in that order, copied. */
export async function rowsOf(
  backend: Backend,
  { unit, d }: Dictionary,
  index: Int32Array,
): Promise<Rows> {
  const count = index.length;
  const matrix = backend.float32(count * d);
  if (count > 0) await backend.gatherRows({ matrix: unit, index, count, columns: d, out: matrix });
  return { matrix, count, d };
}

/** The atoms `index` of a dictionary as a dictionary. */
export async function subDictionary(
  backend: Backend,
  dictionary: Dictionary,
  index: Int32Array,
): Promise<Dictionary> {
  const { matrix, count, d } = await rowsOf(backend, dictionary, index);
  return { unit: matrix, count, d };
}
