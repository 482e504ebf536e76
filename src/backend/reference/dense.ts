/** @file Reference dense kernels: matrix product and the elementwise work around it. */

import type {
  BiasRelu,
  Center,
  GatherRows,
  Gemm,
  MaskGradient,
  NormalizeRows,
} from "../backend.ts";

export function gemm(args: Gemm): void {
  const { a, b, c, m, n, k, alpha = 1, beta = 0 } = args;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let q = 0; q < k; q++)
        sum +=
          a[args.transposeA ? q * m + i : i * k + q]! * b[args.transposeB ? j * k + q : q * n + j]!;
      c[i * n + j] = alpha * sum + (beta === 0 ? 0 : beta * c[i * n + j]!);
    }
}

export function center(args: Center): number {
  const { x, offset, batch, dIn, out } = args;
  let bad = -1;
  for (let b = 0; b < batch; b++)
    for (let j = 0; j < dIn; j++) {
      const value = x[b * dIn + j]!;
      if (!Number.isFinite(value) && bad < 0) bad = b;
      out[b * dIn + j] = value - (offset ? offset[j]! : 0);
    }
  return bad;
}

export function normalizeRows(args: NormalizeRows): void {
  const { rows, unit, count, columns } = args;
  for (let r = 0; r < count; r++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += rows[r * columns + j]! ** 2;
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let j = 0; j < columns; j++) unit[r * columns + j] = rows[r * columns + j]! * scale;
  }
}

export function biasRelu(args: BiasRelu): void {
  const { scores, bias, batch, dSae, active, sum } = args;
  for (let b = 0; b < batch; b++) {
    let count = 0;
    let total = 0;
    for (let f = 0; f < dSae; f++) {
      const value = Math.max(0, scores[b * dSae + f]! + (bias ? bias[f]! : 0));
      scores[b * dSae + f] = value;
      if (value > 0) count++;
      total += value;
    }
    active[b] = count;
    sum[b] = total;
  }
}

export function maskGradient(args: MaskGradient): void {
  const { grad, code, n, scale, l1 } = args;
  for (let i = 0; i < n; i++) grad[i] = code[i]! > 0 ? grad[i]! * scale + l1 : 0;
}

export function gatherRows(args: GatherRows): void {
  const { matrix, index, count, columns, out } = args;
  for (let i = 0; i < count; i++)
    out.set(matrix.subarray(index[i]! * columns, (index[i]! + 1) * columns), i * columns);
}
