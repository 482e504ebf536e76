/** @file Draws the starting weights of a matrix. */

import type { Backend } from "../../backend/backend.ts";
import type { RandomStream } from "../../base/philox.ts";
import { fillOrthogonal } from "./orthogonal.ts";

/**
 * How a matrix [rows, columns] is drawn:
 *
 * - unit_normal: normal numbers, each row then scaled to length one
 * - xavier_uniform: uniform within ±√(6 / (rows + columns))
 * - kaiming_uniform: uniform within ±√(6 / columns), for layers that ReLU follows
 * - linear_uniform: uniform within ±√(1 / columns), as PyTorch's Linear
 * - orthogonal: as PyTorch's orthogonal_, rows or columns orthonormal
 */
export type WeightDraw =
  | "unit_normal"
  | "xavier_uniform"
  | "kaiming_uniform"
  | "linear_uniform"
  | "orthogonal";

/** Fills `out` [rows, columns]. */
export async function fillWeights(
  backend: Backend,
  how: WeightDraw,
  stream: RandomStream,
  out: Float32Array,
  rows: number,
  columns: number,
): Promise<void> {
  const [k0, k1] = stream.key;
  if (how === "orthogonal") return fillOrthogonal(backend, stream, out, rows, columns);
  if (how === "unit_normal") {
    await backend.fillRandom({ k0, k1, start: 0, out, normal: true });
    return backend.normalizeRows({ rows: out, unit: out, count: rows, columns });
  }
  const gain = how === "linear_uniform" ? 1 : 6;
  const bound = Math.sqrt(gain / (how === "xavier_uniform" ? rows + columns : columns));
  await backend.fillRandom({ k0, k1, start: 0, out, normal: false, scale: 2 * bound });
  for (let i = 0; i < out.length; i++) out[i]! -= bound;
}
