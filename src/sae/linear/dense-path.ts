/**
 * @file The forward pass and its gradients as dense matrix products, for codes too full to be worth
 *   storing sparsely (ReLU early in training). Agrees with the sparse path up to the rounding of
 *   float32.
 */

import type { LinearForward } from "./forward.ts";
import type { Member } from "./member.ts";
import { encoderWeights } from "./parameters.ts";
import type { DenseWorkspace, Workspace } from "./workspace.ts";

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

/**
 * `forward` of train-step.ts, by matrix products; fills the workspace's residual, row losses and
 * bias gradient.
 */
export async function denseForward(
  member: Member,
  w: Workspace,
  { centred, target }: { readonly centred: Float32Array; readonly target: Float32Array },
  residualScale: number,
): Promise<LinearForward> {
  const { backend, batch, dIn, dSae, residual, rowLoss } = w;
  const { parameters: p, spec } = member;
  const { code, grad, encoderGrad, unitGrad, active, sum } = denseWorkspace(w);
  const scores = { m: batch, n: dSae, k: dIn };
  await backend.gemm({ a: centred, b: encoderWeights(p), c: code, ...scores, transposeB: true });
  await backend.biasRelu({ scores: code, bias: p.bias.parameter, batch, dSae, active, sum });
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
  await backend.gemm({ a: residual, b: p.unit, c: grad, ...scores, transposeB: true });
  const n = batch * dSae;
  await backend.maskGradient({ grad, code, n, scale: residualScale, l1: spec.l1 / batch });
  const back = { m: dSae, n: dIn, k: batch, transposeA: true };
  await backend.gemm({ a: grad, b: centred, c: encoderGrad, ...back });
  await backend.gemm({ a: code, b: residual, c: unitGrad, ...back, alpha: residualScale });
  await backend.weightedRowSum({ matrix: grad, rows: batch, columns: dSae, out: w.code.biasGrad });

  const activeRows = w.code.activeRows.fill(0);
  for (let b = 0; b < batch; b++)
    for (let f = 0; f < dSae; f++) if (code[b * dSae + f]! > 0) activeRows[f]!++;
  let squaredError = 0;
  let l0 = 0;
  let l1 = 0;
  for (let b = 0; b < batch; b++) {
    squaredError += rowLoss[b]! / batch;
    l0 += active[b]! / batch;
    l1 += sum[b]! / batch;
  }
  const dense = { encoder: encoderGrad, unit: unitGrad };
  return { centred, squaredError, l0, l1, redoneRows: 0, activeRows, residualScale, dense };
}
