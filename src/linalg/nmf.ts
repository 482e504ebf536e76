/**
 * @file Non-negative matrix factorisation X ≈ H W by coordinate descent on ‖X − H W‖²: one number
 *   of H, or of W, is set to its best value at a time.
 *
 * @see Cichocki and Phan 2009, "Fast local algorithms for large scale nonnegative matrix and tensor
 *   factorizations"; scikit-learn's NMF (1.9) with solver "cd", whose steps and stopping rule these
 *   are, without a penalty.
 */

import type { Backend } from "../backend/backend.ts";

/** What is factorised, and how long. */
export interface NmfOptions {
  /** X, [rows, d], no number below 0. */
  readonly x: Float32Array;
  readonly rows: number;
  readonly d: number;
  readonly n: number;
  /** H to start from, [rows, n], no number below 0; changed in place. */
  readonly codes: Float32Array;
  /** W to start from, [n, d], no number below 0; changed in place. */
  readonly atoms: Float32Array;
  readonly maxIterations: number;
  /** The descent ends once projected gradients sum to this share of the first iteration's. */
  readonly tolerance: number;
  /** Called and awaited before each iteration. */
  readonly pause?: (iteration: number) => void | Promise<void>;
}

/** How a factorisation ended. */
export interface NmfResult {
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * One pass over all numbers of `factors` [count, n], given products of the other factor: `gram`
 * [n, n] and `target` [count, n].
 *
 * @returns Σ|projected gradient| before each step.
 */
function descend(
  factors: Float32Array,
  count: number,
  n: number,
  gram: Float32Array,
  target: Float32Array,
): number {
  let violation = 0;
  for (let at = 0; at < count * n; at += n)
    for (let t = 0; t < n; t++) {
      const own = gram.subarray(t * n, (t + 1) * n);
      let gradient = -target[at + t]!;
      for (let r = 0; r < n; r++) gradient += own[r]! * factors[at + r]!;
      const value = factors[at + t]!;
      violation += Math.abs(value === 0 ? Math.min(0, gradient) : gradient);
      if (own[t] !== 0) factors[at + t] = Math.max(0, value - gradient / own[t]!);
    }
  return violation;
}

/** Factorises X into `codes` and `atoms`, which it changes. */
export async function factorise(
  backend: Backend,
  { x, rows, d, n, codes, atoms, maxIterations, tolerance, pause }: NmfOptions,
): Promise<NmfResult> {
  const gram = backend.float32(n * n);
  const ofCodes = backend.float32(rows * n);
  const ofAtoms = backend.float32(d * n);
  // Both factors have components last, so that one descent serves both.
  const turned = backend.float32(d * n);
  const turn = (from: Float32Array, to: Float32Array, m: number, k: number) => {
    for (let i = 0; i < m; i++) for (let j = 0; j < k; j++) to[j * m + i] = from[i * k + j]!;
  };
  let [first, iterations, converged] = [0, 0, false];
  while (iterations < maxIterations && !converged) {
    await pause?.(iterations);
    iterations++;
    await backend.gemm({ a: atoms, b: atoms, c: gram, m: n, n, k: d, transposeB: true });
    await backend.gemm({ a: x, b: atoms, c: ofCodes, m: rows, n, k: d, transposeB: true });
    let violation = descend(codes, rows, n, gram, ofCodes);
    await backend.gemm({ a: codes, b: codes, c: gram, m: n, n, k: rows, transposeA: true });
    await backend.gemm({ a: x, b: codes, c: ofAtoms, m: d, n, k: rows, transposeA: true });
    turn(atoms, turned, n, d);
    violation += descend(turned, d, n, gram, ofAtoms);
    turn(turned, atoms, d, n);
    if (iterations === 1) first = violation;
    converged = first === 0 || violation / first <= tolerance;
  }
  return { iterations, converged };
}
