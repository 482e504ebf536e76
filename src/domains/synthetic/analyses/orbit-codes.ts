/**
 * @file The codes of whole orbits, and how much they change with the pose.
 *
 *   pose change    mean over orbits and k > 0 of ‖z_k − z_0‖ / ‖z_0‖
 */

import type { Backend } from "../../../backend/backend.ts";
import { openSaeRunner, type Sae } from "../../../sae/sae.ts";
import type { RowReader } from "../../../sources/source.ts";

/** Rows that are encoded at once. */
const BATCH = 1024;

/** What an SAE makes of orbits. */
export interface OrbitCodes {
  /** [rows, d_sae] */
  readonly codes: Float32Array;
  /** Active latents per row. */
  readonly l0: number;
  /** NaN where no first row has a code. */
  readonly poseChange: number;
}

function poseChange(codes: Float32Array, latents: number, size: number): number {
  let [sum, count] = [0, 0];
  for (let first = 0; first < codes.length; first += size * latents) {
    const z = codes.subarray(first, first + latents);
    const length = Math.hypot(...z);
    if (length === 0) continue;
    for (let k = 1; k < size; k++) {
      let squares = 0;
      for (let j = 0; j < latents; j++) squares += (codes[first + k * latents + j]! - z[j]!) ** 2;
      sum += Math.sqrt(squares) / length;
      count++;
    }
  }
  return sum / count;
}

/**
 * Encodes orbits of `size` rows.
 *
 * @param reader Whole orbits.
 * @param pause  Called and awaited after each batch; what it throws ends it.
 */
export async function orbitCodes(
  backend: Backend,
  sae: Sae,
  reader: RowReader,
  size: number,
  pause: () => Promise<void>,
): Promise<OrbitCodes> {
  const { dIn, dSae } = sae;
  const { rows } = reader;
  const runner = await openSaeRunner(backend, sae, BATCH);
  const codes = new Float32Array(rows * dSae);
  const buffer = backend.float32(BATCH * dIn);
  let active = 0;
  for (let start = 0; start < rows; start += BATCH) {
    const count = Math.min(BATCH, rows - start);
    const x = buffer.subarray(0, count * dIn);
    await reader.read(start, x);
    const { indptr, indices, values } = await runner.encode(x, count);
    for (let row = 0; row < count; row++)
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++) {
        codes[(start + row) * dSae + indices[e]!] = values[e]!;
        if (values[e] !== 0) active++;
      }
    await pause();
  }
  return { codes, l0: active / rows, poseChange: poseChange(codes, dSae, size) };
}
