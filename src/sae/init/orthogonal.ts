/**
 * @file Random matrices with orthonormal columns (or rows, when there are fewer), as
 *   torch.nn.init.orthogonal_ draws them.
 */

import type { Backend } from "../../backend/backend.ts";
import type { RandomStream } from "../../base/philox.ts";
import { transposed } from "../../base/tensor.ts";

/**
 * Upper Cholesky factor R of a symmetric positive definite [n, n] matrix, AᵀA = RᵀR, and its
 * inverse, in float64.
 */
function inverseCholesky(gram: Float32Array, n: number): Float32Array {
  const R = new Float64Array(n * n);
  for (let j = 0; j < n; j++)
    for (let i = 0; i <= j; i++) {
      let sum = gram[i * n + j]!;
      for (let q = 0; q < i; q++) sum -= R[q * n + i]! * R[q * n + j]!;
      R[i * n + j] = i === j ? Math.sqrt(sum) : sum / R[i * n + i]!;
    }
  const inverse = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    inverse[j * n + j] = 1 / R[j * n + j]!;
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0;
      for (let q = i + 1; q <= j; q++) sum -= R[i * n + q]! * inverse[q * n + j]!;
      inverse[i * n + j] = sum / R[i * n + i]!;
    }
  }
  return Float32Array.from(inverse);
}

/** Gram–Schmidt on the columns of [rows, columns], each column orthogonalised twice, in float64. */
function gramSchmidt(matrix: Float32Array, rows: number, columns: number): void {
  const q: Float64Array[] = [];
  for (let c = 0; c < columns; c++) {
    const v = Float64Array.from({ length: rows }, (_, r) => matrix[r * columns + c]!);
    for (let pass = 0; pass < 2; pass++)
      for (const u of q) {
        let along = 0;
        for (let r = 0; r < rows; r++) along += u[r]! * v[r]!;
        for (let r = 0; r < rows; r++) v[r]! -= along * u[r]!;
      }
    const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    for (let r = 0; r < rows; r++) {
      v[r]! /= norm;
      matrix[r * columns + c] = v[r]!;
    }
    q.push(v);
  }
}

/**
 * Fills `out` [rows, columns] with a random semi-orthogonal matrix, uniform over all such matrices.
 *
 * With at least as many rows as columns the columns are orthonormal, so rows have a mean squared
 * norm of columns / rows. Otherwise the rows are orthonormal. Same distribution as
 * torch.nn.init.orthogonal_ (QR of a normal matrix with a positive diagonal), not the same numbers.
 * Tall matrices use two rounds of Cholesky QR on the backend; nearly square ones, whose Gram matrix
 * is too ill-conditioned for that, Gram–Schmidt.
 */
export async function fillOrthogonal(
  backend: Backend,
  stream: RandomStream,
  out: Float32Array,
  rows: number,
  columns: number,
): Promise<void> {
  if (rows < columns) {
    const tall = backend.float32(rows * columns);
    await fillOrthogonal(backend, stream, tall, columns, rows);
    out.set(transposed(tall, columns, rows));
    return;
  }
  const [k0, k1] = stream.key;
  await backend.fillRandom({ k0, k1, start: 0, out, normal: true });
  if (rows < 1.5 * columns) {
    gramSchmidt(out, rows, columns);
    return;
  }
  const gram = backend.float32(columns * columns);
  const next = backend.float32(rows * columns);
  for (let round = 0; round < 2; round++) {
    const square = { m: columns, n: columns, k: rows };
    await backend.gemm({ a: out, b: out, c: gram, ...square, transposeA: true });
    const b = inverseCholesky(gram, columns);
    await backend.gemm({ a: out, b, c: next, m: rows, n: columns, k: columns });
    out.set(next);
  }
}

/** Bytes that `fillOrthogonal` takes beside the matrix itself. */
export function orthogonalBytes(rows: number, columns: number): number {
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  // Fewer rows than columns: the transposed matrix is drawn, and turned.
  const turned = rows < columns ? 8 * rows * columns : 0;
  if (long < 1.5 * short) return turned + 8 * long * short;
  return turned + 4 * long * short + 24 * short * short;
}
