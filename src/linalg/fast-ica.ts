/**
 * @file Independent components by FastICA: all at once ("parallel"), with the contrast logcosh.
 *
 * @see Hyvärinen 1999, "Fast and robust fixed-point algorithms for independent component analysis";
 *   scikit-learn's FastICA (1.9), whose steps and stopping rule these are.
 */

import type { Backend } from "../backend/backend.ts";
import { procrustes } from "./procrustes.ts";

/** Whitened rows, and how long to search. */
export interface FastIcaOptions {
  /** Rows of mean zero whose covariance is the identity, [rows, n]. */
  readonly whitened: Float32Array;
  readonly n: number;
  /** Where the search starts, [n, n], one direction per row; it is made orthogonal first. */
  readonly start: Float64Array;
  readonly maxIterations: number;
  /** The search ends once no direction turns by more: 1 − |cosine| below this. */
  readonly tolerance: number;
  /** Called and awaited before each iteration. */
  readonly pause?: (iteration: number) => void | Promise<void>;
}

/** Directions of whitened rows along which these are independent. */
export interface IndependentDirections {
  /** [n, n], orthonormal rows. */
  readonly directions: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Rows that are multiplied at a time. */
const BLOCK_ROWS = 4096;

/** tanh of scores [rows, n], in place; adds the sums of 1 − tanh² to `slopes` [n]. */
function contrast(scores: Float32Array, n: number, slopes: Float64Array): void {
  for (let at = 0; at < scores.length; at += n)
    for (let i = 0; i < n; i++) {
      const value = Math.tanh(scores[at + i]!);
      scores[at + i] = value;
      slopes[i]! += 1 - value * value;
    }
}

/** max_i |1 − |⟨a_i, b_i⟩|| over the rows of two orthogonal matrices. */
function turned(a: Float64Array, b: Float64Array, n: number): number {
  let most = 0;
  for (let i = 0; i < n; i++) {
    let cosine = 0;
    for (let j = i * n; j < (i + 1) * n; j++) cosine += a[j]! * b[j]!;
    most = Math.max(most, Math.abs(1 - Math.abs(cosine)));
  }
  return most;
}

/**
 * W ← orth(mean_t tanh(W x_t) x_tᵀ − diag(mean_t (1 − tanh²(W x_t))) W), orth(W) = (W Wᵀ)^(−1/2) W,
 * until W stays as it is.
 *
 * Products of rows are float32, their sums over blocks float64. The same rows and start give the
 * same bytes for any number of threads.
 */
export async function fastIca(
  backend: Backend,
  { whitened, n, start, maxIterations, tolerance, pause }: FastIcaOptions,
): Promise<IndependentDirections> {
  const rows = whitened.length / n;
  const most = Math.min(rows, BLOCK_ROWS);
  const scores = backend.float32(most * n);
  const product = backend.float32(n * n);
  const w32 = backend.float32(n * n);
  const slopes = new Float64Array(n);
  const next = new Float64Array(n * n);
  let w = procrustes(start, n, n);
  let converged = false;
  let iterations = 0;
  while (iterations < maxIterations && !converged) {
    await pause?.(iterations);
    iterations++;
    w32.set(w);
    next.fill(0);
    slopes.fill(0);
    for (let at = 0; at < rows; at += most) {
      const count = Math.min(most, rows - at);
      const x = whitened.subarray(at * n, (at + count) * n);
      const c = scores.subarray(0, count * n);
      await backend.gemm({ a: x, b: w32, c, m: count, n, k: n, transposeB: true });
      contrast(c, n, slopes);
      await backend.gemm({ a: c, b: x, c: product, m: n, n, k: count, transposeA: true });
      for (let i = 0; i < next.length; i++) next[i]! += product[i]!;
    }
    for (let i = 0; i < n; i++)
      for (let j = i * n; j < (i + 1) * n; j++)
        next[j] = next[j]! / rows - (slopes[i]! / rows) * w[j]!;
    const found = procrustes(next, n, n);
    converged = turned(found, w, n) < tolerance;
    w = found;
  }
  return { directions: w, iterations, converged };
}
