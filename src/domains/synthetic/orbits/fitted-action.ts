/**
 * @file The matrices of a group as they would be learned from rows: by least squares, for each
 *   element from all poses, not from the canonical one alone.
 *
 *   M_k = argmin Σ_orbits Σ_j ‖M x_j − x_kj‖²,   x_j the row in pose j
 *
 * Rows have noise, so the matrices are neither exact nor quite a group: M_j M_k ≠ M_jk.
 */

import type { Backend } from "../../../backend/backend.ts";
import { leastSquaresMap } from "../../../linalg/least-squares.ts";
import { transposed } from "../../../linalg/multiply.ts";
import type { FillRows } from "../row-filler.ts";
import type { FiniteGroup } from "./finite-group.ts";

/** Orbits that matrices are fitted to, as many as determine 64 dimensions many times over. */
const ORBITS = 4096;

/**
 * Fits the matrices of all elements, [size, d, d]; the first is the identity.
 *
 * @param fill Writes rows in whole orbits, the poses of an orbit in the order of the group's
 *   elements, from the canonical pose on.
 */
export async function fittedAction(
  backend: Backend,
  { size, product }: FiniteGroup,
  d: number,
  fill: FillRows,
): Promise<Float32Array> {
  const rows = backend.float32(ORBITS * size * d);
  await fill(0, rows);
  const square = await productsOf(backend, rows, rows, d);
  const matrices = backend.float32(size * d * d);
  for (let i = 0; i < d; i++) matrices[i * d + i] = 1;
  const moved = backend.float32(rows.length);
  for (let k = 1; k < size; k++) {
    for (let row = 0; row < ORBITS * size; row++) {
      const pose = row % size;
      const to = row - pose + product[k * size + pose]!;
      moved.set(rows.subarray(to * d, (to + 1) * d), row * d);
    }
    const { map } = leastSquaresMap(square, await productsOf(backend, rows, moved, d), d, d);
    matrices.set(transposed(map, d, d), k * d * d);
  }
  return matrices;
}

/** Σ x yᵀ over rows, [d, d]. */
async function productsOf(
  backend: Backend,
  x: Float32Array,
  y: Float32Array,
  d: number,
): Promise<Float64Array> {
  const c = backend.float32(d * d);
  const shape = { m: d, n: d, k: x.length / d };
  await backend.gemm({ a: x, b: y, c, ...shape, transposeA: true });
  return Float64Array.from(c);
}
