/**
 * @file The parts of a step as dense matrix products, for codes too full to be worth storing
 *   sparsely (ReLU early in training). They agree with the sparse path up to the rounding of
 *   float32.
 */

import type { Member } from "../member.ts";
import { encoderWeights } from "../parameters.ts";
import type { DenseWorkspace, Workspace } from "../workspace.ts";
import type { Found } from "./rule.ts";

/** The workspace's memory for the dense path, made when first asked for. */
export function denseWorkspace(w: Workspace): DenseWorkspace {
  const { backend, batch, dIn, dSae } = w;
  w.dense ??= {
    code: backend.float32(batch * dSae),
    grad: backend.float32(batch * dSae),
    encoderGrad: backend.float32(dSae * dIn),
    unitGrad: backend.float32(dSae * dIn),
    active: backend.int32(batch),
    sum: backend.float32(batch),
  };
  return w.dense;
}

/** Writes the scores x W_encᵀ, without a bias, into `code` of the dense workspace. */
export async function denseScores(
  { parameters: p }: Member,
  w: Workspace,
  centred: Float32Array,
): Promise<DenseWorkspace> {
  const { backend, batch, dIn, dSae } = w;
  const dense = denseWorkspace(w);
  const shape = { m: batch, n: dSae, k: dIn, transposeB: true };
  await backend.gemm({ a: centred, b: encoderWeights(p), c: dense.code, ...shape });
  return dense;
}

/** Decodes a dense code: residual = code W_dec − target, and the squared norm of its rows. */
export async function denseDecode(
  { parameters: p }: Member,
  w: Workspace,
  code: Float32Array,
  target: Float32Array,
  into: { readonly residual: Float32Array; readonly rowLoss: Float32Array },
): Promise<void> {
  const { backend, batch, dIn, dSae } = w;
  const { residual, rowLoss } = into;
  residual.set(target.subarray(0, batch * dIn));
  await backend.gemm({ a: code, b: p.unit, c: residual, m: batch, n: dIn, k: dSae, beta: -1 });
  // Decoding an empty code copies the residual onto itself and leaves the squared norm of each row.
  await backend.decode({
    indptr: new Int32Array(batch + 1),
    indices: w.code.indices,
    values: w.code.values,
    batch,
    dIn,
    wDec: p.unit,
    target: residual,
    targetScale: -1,
    residual,
    rowLoss,
  });
}

/** out = residual W_decᵀ: the gradient of every value of a code, without its scale. */
export async function denseCodeGradient(
  { parameters: p }: Member,
  w: Workspace,
  residual: Float32Array,
  out: Float32Array,
): Promise<void> {
  const { backend, batch, dIn, dSae } = w;
  const shape = { m: batch, n: dSae, k: dIn, transposeB: true };
  await backend.gemm({ a: residual, b: p.unit, c: out, ...shape });
}

/**
 * Gradients of the weights from the code, the gradient of the scores and the residual in the
 * workspace. Also the sums of the scores' gradients, and how often each latent is active.
 */
export async function denseWeightGradients(
  w: Workspace,
  centred: Float32Array,
  residualScale: number,
): Promise<NonNullable<Found["dense"]>> {
  const { backend, batch, dIn, dSae, residual } = w;
  const { code, grad, encoderGrad, unitGrad } = denseWorkspace(w);
  const back = { m: dSae, n: dIn, k: batch, transposeA: true };
  await backend.gemm({ a: grad, b: centred, c: encoderGrad, ...back });
  await backend.gemm({ a: code, b: residual, c: unitGrad, ...back, alpha: residualScale });
  await backend.weightedRowSum({ matrix: grad, rows: batch, columns: dSae, out: w.code.biasGrad });
  const activeRows = w.code.activeRows.fill(0);
  for (let b = 0; b < batch; b++)
    for (let f = 0; f < dSae; f++) if (code[b * dSae + f]! > 0) activeRows[f]!++;
  return { encoder: encoderGrad, unit: unitGrad };
}

/** Mean over the batch, summed row by row. */
export function meanOverBatch(values: ArrayLike<number>, batch: number): number {
  let mean = 0;
  for (let b = 0; b < batch; b++) mean += values[b]! / batch;
  return mean;
}
