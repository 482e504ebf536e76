/** @file Reference kernels on codes: decoding, transposition, row sums. */

import type { Decode, Transpose, WeightedRowSum } from "../backend.ts";

export function decode(args: Decode): void {
  const { batch, dIn, indptr, indices, values, wDec, target, residual, rowLoss, codeGrad } = args;
  for (let b = 0; b < batch; b++) {
    const row = new Float64Array(dIn);
    for (let j = 0; j < dIn; j++) row[j] = -args.targetScale * target[b * dIn + j]!;
    for (let i = indptr[b]!; i < indptr[b + 1]!; i++)
      for (let j = 0; j < dIn; j++) row[j]! += values[i]! * wDec[indices[i]! * dIn + j]!;
    residual.set(row, b * dIn);
    rowLoss[b] = row.reduce((sum, r) => sum + r * r, 0);
    if (!codeGrad) continue;
    for (let i = indptr[b]!; i < indptr[b + 1]!; i++) {
      let product = 0;
      for (let j = 0; j < dIn; j++) product += row[j]! * wDec[indices[i]! * dIn + j]!;
      const masked = args.positiveOnly === true && !(values[i]! > 0);
      codeGrad[i] = masked ? 0 : (args.residualScale ?? 1) * product + (args.l1 ?? 0);
    }
  }
}

export function transpose(args: Transpose): void {
  const { batch, dSae, indptr, indices, latentIndptr } = args;
  latentIndptr.fill(0, 0, dSae + 1);
  for (const sums of [args.biasGrad, args.activeRows, args.magnitudes]) sums.fill(0, 0, dSae);
  const nnz = indptr[batch]!;
  for (let i = 0; i < nnz; i++) latentIndptr[indices[i]! + 1]!++;
  for (let f = 0; f < dSae; f++) latentIndptr[f + 1]! += latentIndptr[f]!;
  const next = latentIndptr.slice(0, dSae);
  for (let b = 0; b < batch; b++)
    for (let i = indptr[b]!; i < indptr[b + 1]!; i++) {
      const latent = indices[i]!;
      const at = next[latent]!++;
      args.rows[at] = b;
      args.latentValues[at] = args.values[i]!;
      args.latentGrads[at] = args.codeGrad[i]!;
      args.biasGrad[latent]! += args.codeGrad[i]!;
      if (args.values[i] !== 0) args.activeRows[latent]!++;
      args.magnitudes[latent]! += Math.abs(args.values[i]!);
    }
}

export function weightedRowSum(args: WeightedRowSum): void {
  const { matrix, weight, rows, columns, out } = args;
  const sum = new Float64Array(columns);
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < columns; j++)
      sum[j]! += (weight ? weight[r]! : 1) * matrix[r * columns + j]!;
  out.set(sum);
}
