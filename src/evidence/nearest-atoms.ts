/** @file The most similar other atoms of the same dictionary. */

import type { Backend } from "../backend/backend.ts";
import type { Dictionary } from "../consistency/matching/dictionary.ts";

/** Neighbours of every atom, the nearest first, [count, k]. */
export interface NearestAtoms {
  readonly k: number;
  /** −1 where there are fewer. */
  readonly atoms: Int32Array;
  readonly cosines: Float32Array;
}

/** Rows of memory come in groups of this many. */
const GROUP = 32;

/** The `most` nearest other atoms of each atom by cosine, exactly. Of equal ones the first. */
export async function nearestAtoms(
  backend: Backend,
  { unit, count, d }: Dictionary,
  most: number,
): Promise<NearestAtoms> {
  const k = Math.min(most + 1, count);
  const shape = { d, columnCount: count, k };
  const packed = backend.bytes(backend.searchPacking(shape).bytes);
  await backend.packColumns({ columns: unit, packed, ...shape });
  const candidates = backend.int32(count * k);
  const scores = backend.float32(count * k);
  const groups = { size: Math.ceil(count / GROUP) * GROUP, reach: backend.float32(count) };
  const searching = { rows: unit, count, columns: unit, packed, margin: 6 * k, groups };
  await backend.searchTopK({ ...searching, ...shape, candidates, scores });
  const atoms = new Int32Array(count * most).fill(-1);
  const cosines = new Float32Array(count * most);
  for (let i = 0; i < count; i++) {
    const order = Array.from({ length: k }, (_, at) => i * k + at)
      .filter((at) => candidates[at] !== i)
      .sort((a, b) => scores[b]! - scores[a]! || candidates[a]! - candidates[b]!)
      .slice(0, most);
    for (const [at, from] of order.entries()) {
      atoms[i * most + at] = candidates[from]!;
      cosines[i * most + at] = scores[from]!;
    }
  }
  return { k: most, atoms, cosines };
}
