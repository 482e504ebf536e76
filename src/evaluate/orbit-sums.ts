/**
 * @file What SAEs make of whole orbits: how alike the codes of poses are, and how well rows are
 *   reconstructed. That is measured as rows come, in their canonical pose, and taken to their own
 *   pose by the group's matrices.
 */

import type { Backend } from "../backend/backend.ts";
import { openSaeRunner, type Sae } from "../sae/sae.ts";
import type { RowReader } from "../sources/source.ts";
import type { Symmetry } from "../sources/symmetry.ts";

/** Sums of one SAE over orbits; errors are fractions of the variance of what is reconstructed. */
export interface OrbitNumbers {
  /** Σ‖x̂_k − a_k‖² over the variance of rows. */
  readonly fvu: number;
  /** Σ‖x̂_k − a_0‖² over the variance of canonical rows. */
  readonly fvuCanonical: number;
  /** Σ‖M_k x̂_k − a_k‖² over the variance of rows: the pose k is given. */
  readonly fvuPosed: number;
  /** Σ min_j ‖M_j x̂_k − a_k‖² over the variance of rows: the best pose is looked for. */
  readonly fvuBestPose: number;
  /** √(Σ‖z_k − z_0‖² / Σ‖z_0‖²) over poses but the first: 0 where codes are invariant. */
  readonly codeChange: number;
}

/** Rows that are encoded at a time, at most. */
const ROWS_AT_A_TIME = 2048;

/** Sum of squared distances from the mean, of rows added one by one. */
class Variance {
  readonly #sum: Float64Array;
  #squares = 0;
  #rows = 0;

  constructor(d: number) {
    this.#sum = new Float64Array(d);
  }

  add(rows: Float32Array, at: number): void {
    const d = this.#sum.length;
    for (let i = 0; i < d; i++) {
      this.#sum[i]! += rows[at + i]!;
      this.#squares += rows[at + i]! ** 2;
    }
    this.#rows++;
  }

  get value(): number {
    return this.#squares - this.#sum.reduce((sum, v) => sum + v * v, 0) / this.#rows;
  }
}

function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, d: number) {
  let sum = 0;
  for (let n = 0; n < d; n++) sum += (a[i + n]! - b[j + n]!) ** 2;
  return sum;
}

/** Sums over orbits, in the making. */
interface Sums {
  plain: number;
  canonical: number;
  posed: number;
  best: number;
  change: number;
  codes: number;
}

/**
 * Encodes and reconstructs held-out orbits with each SAE.
 *
 * @param pause Awaited between batches; what it throws ends this.
 * @throws {ConcordError} "numeric/not-finite" when a row is not finite.
 */
export async function orbitNumbers(
  backend: Backend,
  saes: readonly Sae[],
  heldOut: RowReader,
  symmetry: Symmetry,
  pause: () => Promise<void> = async () => {},
): Promise<OrbitNumbers[]> {
  const { size, matrices } = symmetry;
  const orbits = Math.floor(heldOut.rows / size);
  const d = Math.round(Math.sqrt(matrices.length / size));
  const most = Math.max(1, Math.min(orbits, Math.floor(ROWS_AT_A_TIME / size)));
  const runners = [];
  for (const sae of saes) runners.push(await openSaeRunner(backend, sae, most * size));
  const rows = backend.float32(most * size * d);
  const turned = backend.float32(most * size * d);
  const [all, upright] = [new Variance(d), new Variance(d)];
  const sums = saes.map(
    (): Sums => ({ plain: 0, canonical: 0, posed: 0, best: 0, change: 0, codes: 0 }),
  );
  for (let first = 0; first < orbits; first += most) {
    await pause();
    const count = Math.min(most, orbits - first) * size;
    const x = rows.subarray(0, count * d);
    await heldOut.read(first * size, x);
    for (let row = 0; row < count; row++) {
      all.add(x, row * d);
      if (row % size === 0) upright.add(x, row * d);
    }
    for (const [s, runner] of runners.entries()) {
      const own = sums[s]!;
      const code = await runner.encode(x, count);
      addCodes(own, code, size, saes[s]!.dSae);
      const { residual } = await runner.residual(x, code);
      const made = residual.map((r, i) => r + (x[i] ?? 0)).subarray(0, count * d);
      const best = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
      for (let k = 0; k < size; k++) {
        const b = matrices.subarray(k * d * d, (k + 1) * d * d);
        const sizes = { m: count, n: d, k: d, transposeB: true, beta: 0 };
        await backend.gemm({ a: made, b, c: turned.subarray(0, count * d), ...sizes });
        for (let row = 0; row < count; row++) {
          const error = squaredDistance(turned, row * d, x, row * d, d);
          best[row] = Math.min(best[row]!, error);
          if (row % size === k) own.posed += error;
        }
      }
      for (let row = 0; row < count; row++) {
        const canonical = row - (row % size);
        own.plain += squaredDistance(made, row * d, x, row * d, d);
        own.canonical += squaredDistance(made, row * d, x, canonical * d, d);
        own.best += best[row]!;
      }
    }
  }
  const [variance, canonical] = [all.value, size * upright.value];
  return sums.map(({ plain, canonical: error, posed, best, change, codes }) => ({
    fvu: plain / variance,
    fvuCanonical: error / canonical,
    fvuPosed: posed / variance,
    fvuBestPose: best / variance,
    codeChange: Math.sqrt(change / ((size - 1) * codes)),
  }));
}

/** Adds ‖z_k − z_0‖² of every pose but the first, and ‖z_0‖². */
function addCodes(
  sums: Sums,
  code: { rows: number; indptr: Int32Array; indices: Int32Array; values: Float32Array },
  size: number,
  dSae: number,
): void {
  const { rows, indptr, indices, values } = code;
  const first = new Float32Array(dSae);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [indptr[row]!, indptr[row + 1]!];
    if (row % size === 0) {
      first.fill(0);
      for (let e = from; e < to; e++) {
        first[indices[e]!] = values[e]!;
        sums.codes += values[e]! ** 2;
      }
      continue;
    }
    // ‖z_k − z_0‖² = ‖z_0‖² + Σ over active latents of (z − z_0)² − z_0².
    for (const z of first) sums.change += z * z;
    for (let e = from; e < to; e++) {
      const before = first[indices[e]!]!;
      sums.change += (values[e]! - before) ** 2 - before ** 2;
    }
  }
}
