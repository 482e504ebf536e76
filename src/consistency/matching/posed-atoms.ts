/** @file The atoms of a dictionary in every pose of a group that moves activations. */

import type { Backend } from "../../backend/backend.ts";
import { ShapeError } from "../../errors.ts";
import type { Symmetry } from "../../sources/symmetry.ts";
import { type Dictionary, dictionaryOf } from "./dictionary.ts";

/** How activations are moved: [size, d, d], the first the identity. */
export type Poses = Pick<Symmetry, "size" | "matrices">;

/**
 * M_k a / ‖M_k a‖ of every atom a, by pose k: `size` dictionaries of as many atoms. The first is
 * the dictionary itself.
 *
 * @throws {ShapeError} when the matrices are of another width.
 */
export async function posedAtoms(
  backend: Backend,
  atoms: Dictionary,
  { size, matrices }: Poses,
): Promise<Dictionary[]> {
  const { unit, count, d } = atoms;
  if (matrices.length !== size * d * d)
    throw new ShapeError(
      "posed atoms",
      `${size} matrices for atoms of d_in ${d}`,
      `${matrices.length} numbers`,
    );
  const all = [atoms];
  const moved = backend.float32(count * d);
  for (let k = 1; k < size; k++) {
    const matrix = matrices.subarray(k * d * d, (k + 1) * d * d);
    const shape = { m: count, n: d, k: d };
    await backend.gemm({ a: unit, b: matrix, c: moved, ...shape, transposeB: true });
    all.push(await dictionaryOf(backend, moved, count, d));
  }
  return all;
}
