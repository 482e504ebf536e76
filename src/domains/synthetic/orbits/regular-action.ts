/**
 * @file An orthogonal action of a finite group on activations that holds every irreducible
 *   representation: d_in / |G| copies of the regular one, in a random orthonormal basis.
 *
 *   M_g = Q (P_g ⊗ I) Qᵀ,   P_g e_h = e_gh
 *
 * The regular representation holds each irreducible one as often as its dimension. So a cyclic
 * group has equal parts of all. Of c4, a quarter of the dimensions stays as it is. A quarter
 * changes its sign, and half turns by 90°.
 */

import type { Backend } from "../../../backend/backend.ts";
import type { RandomStream } from "../../../base/philox.ts";
import { expected } from "../../../errors.ts";
import { fillOrthogonal } from "../../../sae/init/orthogonal.ts";
import type { FiniteGroup } from "../../../symmetry/group.ts";

/**
 * The matrices of such an action, [size, d, d], row-major; the first is the identity.
 *
 * @param basis Where Q is drawn.
 * @throws {ConcordError} `argument/invalid` when d is not a multiple of the group's size.
 */
export async function regularAction(
  backend: Backend,
  { size, products, name }: FiniteGroup,
  d: number,
  basis: RandomStream,
): Promise<Float32Array> {
  if (d % size !== 0)
    throw expected("source.d_in", `a multiple of ${size}, the elements of ${name}`, d);
  const q = new Float32Array(d * d);
  await fillOrthogonal(backend, basis, q, d, d);
  const matrices = backend.float32(size * d * d);
  const copies = d / size;
  for (let g = 0; g < size; g++)
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) {
        let sum = 0;
        for (let h = 0; h < size; h++) {
          const moved = products[g * size + h]! * copies;
          for (let c = 0; c < copies; c++)
            sum += q[i * d + moved + c]! * q[j * d + h * copies + c]!;
        }
        matrices[(g * d + i) * d + j] = g === 0 ? Number(i === j) : sum;
      }
  return matrices;
}

/**
 * Rows moved by one matrix of an action: y_r = M x_r.
 *
 * @param matrix [d, d]
 * @param rows   [count, d]
 * @returns [count, d]
 */
export async function movedRows(
  backend: Backend,
  matrix: Float32Array,
  rows: Float32Array,
  count: number,
  d: number,
): Promise<Float32Array> {
  const moved = backend.float32(count * d);
  await backend.gemm({ a: rows, b: matrix, c: moved, m: count, n: d, k: d, transposeB: true });
  return moved;
}
