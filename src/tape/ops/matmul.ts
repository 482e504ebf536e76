/** @file Matrix products, by the backend's GEMM. */

import type { Backend, Gemm } from "../../backend/backend.ts";
import { showShape } from "../../base/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { requireAxes, requireShape } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";

/** Which matrices a product takes transposed. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** A product that is added to what is there, or replaces it. */
function product(backend: Backend, args: Gemm): (accumulate: boolean) => Promise<void> {
  const replacing: Gemm = { ...args, beta: 0 };
  const adding: Gemm = { ...args, beta: 1 };
  return (accumulate) => backend.gemm(accumulate ? adding : replacing);
}

/** out = op(a) op(b) + bias; a and b are matrices in memory. */
function recorded(
  where: string,
  shape: readonly number[],
  a: TapeTensor,
  b: TapeTensor,
  sizes: { m: number; n: number; k: number; transposeA: boolean; transposeB: boolean },
  bias?: TapeTensor,
): TapeTensor {
  const { tape } = a;
  const { backend } = tape;
  const { m, n, k, transposeA, transposeB } = sizes;
  if (bias) requireShape(where, "a bias", bias, [n]);
  return tape.record(shape, bias ? [a, b, bias] : [a, b], (out) => {
    const multiply = product(backend, { a: a.value, b: b.value, c: out.value, ...sizes });
    const own = out.gradient?.sum;
    const ofA = a.gradient?.sum;
    const ofB = b.gradient?.sum;
    const forA =
      own && ofA
        ? transposeA
          ? {
              a: b.value,
              b: own,
              c: ofA,
              m: k,
              n: m,
              k: n,
              transposeA: transposeB,
              transposeB: true,
            }
          : { a: own, b: b.value, c: ofA, m, n: k, k: n, transposeB: !transposeB }
        : undefined;
    const forB =
      own && ofB
        ? transposeB
          ? {
              a: own,
              b: a.value,
              c: ofB,
              m: n,
              n: k,
              k: m,
              transposeA: true,
              transposeB: transposeA,
            }
          : { a: a.value, b: own, c: ofB, m: k, n, k: m, transposeA: !transposeA }
        : undefined;
    const towardsA = forA && product(backend, forA);
    const towardsB = forB && product(backend, forB);
    const sums = bias?.gradient && own ? columnSums(bias, own, m, n) : undefined;
    return {
      forward() {
        if (bias) repeatRow(out.value, bias.value);
        return multiply(bias !== undefined);
      },
      async backward() {
        if (towardsA) await towardsA(a.gradient!.claim());
        if (towardsB) await towardsB(b.gradient!.claim());
        if (sums) await sums();
      },
    };
  });
}

/** Fills `out` with copies of one row. */
function repeatRow(out: Float32Array, row: Float32Array): void {
  out.set(row);
  for (let n = row.length; n < out.length; n *= 2) out.copyWithin(n, 0, n);
}

/** Adds the sum over the rows of `matrix` [rows, columns] to the gradient of `bias`. */
export function columnSums(
  bias: TapeTensor,
  matrix: Float32Array,
  rows: number,
  columns: number,
): () => Promise<void> {
  const { backend } = bias.tape;
  const out = bias.tape.float32(columns);
  const args = { matrix, rows, columns, out };
  return async () => {
    await backend.weightedRowSum(args);
    const to = bias.gradient!.added();
    for (let j = 0; j < columns; j++) to[j]! += out[j]!;
  };
}

/**
 * op(a) op(b), [m, n] of op(a) [m, k] and op(b) [k, n].
 *
 * @throws {ShapeError} when they are not matrices, or do not fit.
 */
export function matmul(a: TapeTensor, b: TapeTensor, options: MatmulOptions = {}): TapeTensor {
  const { transposeA = false, transposeB = false } = options;
  requireAxes("matmul", "a matrix", a, 2);
  requireAxes("matmul", "a matrix", b, 2);
  const [m, k] = (transposeA ? [a.shape[1], a.shape[0]] : a.shape) as [number, number];
  const [rows, n] = (transposeB ? [b.shape[1], b.shape[0]] : b.shape) as [number, number];
  if (rows !== k)
    throw new ShapeError("matmul", `a second matrix with ${k} rows`, showShape([rows, n]));
  return recorded("matmul", [m, n], a, b, { m, n, k, transposeA, transposeB });
}

/**
 * x Wᵀ + b, [..., out] of x [..., in], W [out, in] and b [out], as PyTorch's Linear.
 *
 * @throws {ShapeError} when they do not fit.
 */
export function linear(x: TapeTensor, W: TapeTensor, b?: TapeTensor): TapeTensor {
  requireAxes("linear", "weights", W, 2);
  const [n, k] = W.shape as [number, number];
  if (x.columns !== k)
    throw new ShapeError("linear", `rows of ${k} numbers`, `${x.columns} in ${showShape(x.shape)}`);
  const sizes = { m: x.rows, n, k, transposeA: false, transposeB: true };
  return recorded("linear", [...x.shape.slice(0, -1), n], x, W, sizes, b);
}
