/** @file The directions in which rows vary most, and denoising by keeping these. */

import type { Backend } from "../../../../backend/backend.ts";
import { randomStream } from "../../../../base/philox.ts";
import { transposed } from "../../../../base/tensor.ts";
import { expected } from "../../../../errors.ts";
import { symmetricEigen } from "../../../../linalg/symmetric-eigen.ts";
import type { Denoiser } from "../evaluate-denoising.ts";

/** The leading principal components of some rows. */
export interface PrincipalComponents {
  readonly dIn: number;
  readonly count: number;
  /** [d_in] */
  readonly mean: Float32Array;
  /**
   * Orthonormal directions [count, d_in], of descending variance; zeros beyond the rank of the
   * rows.
   */
  readonly directions: Float32Array;
  /** Variance along each, [count]. */
  readonly variances: Float64Array;
}

/**
 * Rounds of subspace iteration: the largest directions are found to rounding, of the smallest a
 * mixture with the next ones.
 */
const ROUNDS = 6;
/** Directions carried along beside those wanted, for the smallest of these to be found as well. */
const SPARE = 16;

/**
 * The first `count` principal components of rows X [rows, d_in], by subspace iteration from a
 * random start.
 *
 *   Q ← orthonormal basis of Xᵀ X Q,  six times; then Q is turned by the eigenvectors of Qᵀ Xᵀ X Q
 *
 * There are no more than min(rows − 1, d_in).
 *
 * @see Halko, Martinsson and Tropp 2011 (arXiv:0909.4061), §4.5.
 */
export async function principalComponents(
  backend: Backend,
  rows: Float32Array,
  dIn: number,
  count: number,
): Promise<PrincipalComponents> {
  const n = rows.length / dIn;
  const most = Math.min(n - 1, dIn);
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw expected("count", `an integer from 1 to ${most} (of ${n} rows of ${dIn})`, count);
  const width = Math.min(count + SPARE, most);
  const mean = backend.float32(dIn);
  await backend.weightedRowSum({ matrix: rows, rows: n, columns: dIn, out: mean });
  for (let j = 0; j < dIn; j++) mean[j]! /= n;
  const x = backend.float32(n * dIn);
  await backend.center({ x: rows, offset: mean, batch: n, dIn, out: x });

  // Directions are rows here.
  let q = backend.float32(width * dIn);
  const [k0, k1] = randomStream(0, "pca/start").key;
  await backend.fillRandom({ k0, k1, start: 0, out: q, normal: true });
  const scores = backend.float32(n * width);
  const project = () =>
    backend.gemm({ a: x, b: q, c: scores, m: n, n: width, k: dIn, transposeB: true });
  for (let round = 0; round < ROUNDS; round++) {
    await project();
    await backend.gemm({ a: scores, b: x, c: q, m: width, n: dIn, k: n, transposeA: true });
    orthonormalise(q, width, dIn);
  }
  await project();
  const gram = backend.float32(width * width);
  await backend.gemm({ a: scores, b: scores, c: gram, m: width, n: width, k: n, transposeA: true });
  const { values, vectors } = symmetricEigen(Float64Array.from(gram), width);
  const turned = backend.float32(width * dIn);
  const a = Float32Array.from(vectors);
  await backend.gemm({ a, b: q, c: turned, m: width, n: dIn, k: width });
  q = turned;
  return {
    dIn,
    count,
    mean,
    directions: q.slice(0, count * dIn),
    variances: values.slice(0, count).map((v) => v / n),
  };
}

/** Of a row that lies in the span of those before it, rounding leaves this share of its length. */
const DEPENDENT = 1e-6;

/**
 * Gram–Schmidt on rows, each orthogonalised twice, in place; rows that depend on those before them
 * become zero.
 */
function orthonormalise(matrix: Float32Array, rows: number, columns: number): void {
  const basis: Float64Array[] = [];
  for (let r = 0; r < rows; r++) {
    const v = Float64Array.from(matrix.subarray(r * columns, (r + 1) * columns));
    const before = lengthOf(v);
    for (let pass = 0; pass < 2; pass++)
      for (const u of basis) {
        let along = 0;
        for (let j = 0; j < columns; j++) along += u[j]! * v[j]!;
        for (let j = 0; j < columns; j++) v[j]! -= along * u[j]!;
      }
    const length = lengthOf(v);
    const scale = length > DEPENDENT * before ? 1 / length : 0;
    for (let j = 0; j < columns; j++) v[j]! *= scale;
    basis.push(v);
    matrix.set(v, r * columns);
  }
}

function lengthOf(v: Float64Array): number {
  return Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
}

/** Scores ⟨x − mean, direction⟩ of rows, [rows, count]. */
async function scoresOf(
  backend: Backend,
  pca: PrincipalComponents,
  rows: Float32Array,
): Promise<Float32Array> {
  const { dIn, count, mean, directions } = pca;
  const n = rows.length / dIn;
  const x = backend.float32(n * dIn);
  await backend.center({ x: rows, offset: mean, batch: n, dIn, out: x });
  const scores = backend.float32(n * count);
  await backend.gemm({ a: x, b: directions, c: scores, m: n, n: count, k: dIn, transposeB: true });
  return scores;
}

/**
 * x̂ = mean + Σ_i gain_i ⟨x − mean, v_i⟩ v_i
 *
 * @param gains One for each of the first components; 1 keeps a component, 0 drops it.
 */
export function pcaDenoiser(
  backend: Backend,
  name: string,
  pca: PrincipalComponents,
  gains: ArrayLike<number>,
): Denoiser {
  const { dIn, count, mean, directions } = pca;
  return {
    name,
    async denoise(noisy, rows) {
      const scores = await scoresOf(backend, pca, noisy);
      for (let i = 0; i < scores.length; i++) scores[i]! *= gains[i % count] ?? 0;
      const out = backend.float32(rows * dIn);
      for (let r = 0; r < rows; r++) out.set(mean, r * dIn);
      await backend.gemm({ a: scores, b: directions, c: out, m: rows, n: dIn, k: count, beta: 1 });
      return out;
    },
  };
}

/** What pairs of noisy and clean rows say about the use of components. */
export interface ComponentChoice {
  /** How many of the first components, kept whole, come nearest to the clean rows. */
  readonly count: number;
  /**
   * The gain of each component that comes nearest, Σ noisy · clean / Σ noisy², kept within [0, 1].
   */
  readonly gains: Float64Array;
}

/**
 * Chooses how PCA denoises by pairs of rows.
 *
 * With scores n_i and c_i of noisy and clean rows, keeping component i changes the squared error by
 * Σ n_i² − 2 n_i c_i. The first `count` for which the sum is least are kept.
 */
export async function chooseComponents(
  backend: Backend,
  pca: PrincipalComponents,
  pairs: { readonly noisy: Float32Array; readonly clean: Float32Array },
): Promise<ComponentChoice> {
  const { count } = pca;
  const [noisy, clean] = [
    await scoresOf(backend, pca, pairs.noisy),
    await scoresOf(backend, pca, pairs.clean),
  ];
  const rows = noisy.length / count;
  const [byNoisy, byClean] = [transposed(noisy, rows, count), transposed(clean, rows, count)];
  const gains = new Float64Array(count);
  let [change, least, best] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    let [nn, nc] = [0, 0];
    for (let r = 0; r < rows; r++) {
      const n = byNoisy[i * rows + r]!;
      nn += n * n;
      nc += n * byClean[i * rows + r]!;
    }
    gains[i] = nn > 0 ? Math.min(1, Math.max(0, nc / nn)) : 0;
    change += nn - 2 * nc;
    if (change < least) [least, best] = [change, i + 1];
  }
  return { count: best, gains };
}
