/** @file Rows of random numbers, and rows of length one. */

import type { Backend } from "../../backend/backend.ts";
import type { RandomStream } from "../../base/philox.ts";

/** Standard normal numbers of a stream. */
export async function normals(
  backend: Backend,
  { key: [k0, k1] }: RandomStream,
  length: number,
): Promise<Float32Array> {
  const out = backend.float32(length);
  await backend.fillRandom({ k0, k1, start: 0, out, normal: true });
  return out;
}

/** Rows [count, d] divided by their lengths; rows of zeros stay. */
export function unitRows(
  rows: ArrayLike<number>,
  d: number,
): { readonly unit: Float32Array; readonly lengths: Float64Array } {
  const lengths = new Float64Array(rows.length / d);
  for (let at = 0; at < rows.length; at++) lengths[Math.floor(at / d)]! += rows[at]! ** 2;
  for (let i = 0; i < lengths.length; i++) lengths[i] = Math.sqrt(lengths[i]!);
  const unit = Float32Array.from(rows, (v, at) => v / (lengths[Math.floor(at / d)]! || 1));
  return { unit, lengths };
}
