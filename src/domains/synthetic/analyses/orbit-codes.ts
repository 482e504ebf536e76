/**
 * @file What an SAE makes of whole orbits: its codes, its errors, and how much codes change with
 *   the pose.
 *
 *   FVU            Σ‖x̂ − x‖² / Σ‖x − mean‖²
 *   FVU mod G      Σ min_k ‖M_k x̂ − x‖² / Σ‖x − mean‖²: the reconstruction in its best pose
 *   pose change    mean over orbits and k > 0 of ‖z_k − z_0‖ / ‖z_0‖
 *
 * An SAE that is blind to the pose reconstructs rows in one pose alone. FVU mod G gives it, and
 * every other one, the pose. That costs log₂|G| bits per row, which L0 does not count.
 */

import type { Backend } from "../../../backend/backend.ts";
import { RowVariance } from "../../../evaluate/row-variance.ts";
import { openSaeRunner, type Sae } from "../../../sae/sae.ts";
import type { RowReader } from "../../../sources/source.ts";
import type { Symmetry } from "../../../sources/symmetry.ts";
import { movedRows } from "../orbits/regular-action.ts";

/** Rows that are encoded at once. */
const BATCH = 1024;

/** What an SAE makes of orbits. */
export interface OrbitCodes {
  /** [rows, d_sae] */
  readonly codes: Float32Array;
  /** Active latents per row. */
  readonly l0: number;
  readonly fvu: number;
  readonly fvuModulo: number;
  readonly poseChange: number;
}

const squaredDistance = (a: Float32Array, b: Float32Array, from: number, to: number) => {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
};

/** Adds ‖z_k − z_0‖ / ‖z_0‖ of every orbit whose first row has a code. */
function poseChange(codes: Float32Array, latents: number, size: number): number {
  let [sum, count] = [0, 0];
  for (let first = 0; first < codes.length; first += size * latents) {
    const z = codes.subarray(first, first + latents);
    const length = Math.hypot(...z);
    if (length === 0) continue;
    for (let k = 1; k < size; k++) {
      const at = first + k * latents;
      sum += Math.sqrt(squaredDistance(codes.subarray(at, at + latents), z, 0, latents)) / length;
      count++;
    }
  }
  return sum / count;
}

/**
 * Encodes orbits.
 *
 * @param rows     How many rows of `reader`, whole orbits.
 * @param symmetry The action that reconstructions are moved by.
 * @param pause    Called and awaited after each batch; what it throws ends it.
 */
export async function orbitCodes(
  backend: Backend,
  sae: Sae,
  reader: RowReader,
  rows: number,
  symmetry: Pick<Symmetry, "size" | "matrices">,
  pause: () => Promise<void>,
): Promise<OrbitCodes> {
  const { dIn, dSae } = sae;
  const runner = await openSaeRunner(backend, sae, BATCH);
  const codes = new Float32Array(rows * dSae);
  const buffer = backend.float32(BATCH * dIn);
  const zeros = backend.float32(BATCH * dIn);
  const variances = new RowVariance(dIn);
  let [active, error, errorModulo] = [0, 0, 0];
  for (let start = 0; start < rows; start += BATCH) {
    const count = Math.min(BATCH, rows - start);
    const x = buffer.subarray(0, count * dIn);
    await reader.read(start, x);
    variances.add(x);
    const code = await runner.encode(x, count);
    for (let row = 0; row < count; row++)
      for (let e = code.indptr[row]!; e < code.indptr[row + 1]!; e++) {
        codes[(start + row) * dSae + code.indices[e]!] = code.values[e]!;
        if (code.values[e] !== 0) active++;
      }
    const { residual } = await runner.residual(zeros.subarray(0, count * dIn), code);
    const own = residual.slice(0, count * dIn);
    const best = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    for (let k = 0; k < symmetry.size; k++) {
      const matrix = symmetry.matrices.subarray(k * dIn * dIn, (k + 1) * dIn * dIn);
      const moved = k === 0 ? own : await movedRows(backend, matrix, own, count, dIn);
      for (let row = 0; row < count; row++) {
        const distance = squaredDistance(moved, x, row * dIn, (row + 1) * dIn);
        if (k === 0) error += distance;
        best[row] = Math.min(best[row]!, distance);
      }
    }
    for (const value of best) errorModulo += value;
    await pause();
  }
  const { variance } = variances;
  return {
    codes,
    l0: active / rows,
    fvu: error / variance,
    fvuModulo: errorModulo / variance,
    poseChange: poseChange(codes, dSae, symmetry.size),
  };
}
