/**
 * @file One training step of one SAE: encode, decode, gradients by hand, clip, Adam. See
 *   ARCHITECTURE.md for the flow.
 */

import type { SparseGradient } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";
import type { Batch, StepOptions, StepResult } from "../trainable.ts";
import { auxK } from "./aux-k.ts";
import { denseForward } from "./dense-path.ts";
import type { LinearForward } from "./forward.ts";
import { type Member, selectionK } from "./member.ts";
import { encoderWeights } from "./parameters.ts";
import { nextMargin } from "./screen-margin.ts";
import { codeBuffers, keptGradients, type Workspace } from "./workspace.ts";

/** Above this fraction of active latents the dense path is faster than the sparse one. */
const DENSE_ABOVE = 0.1;

function lossScale(member: Member, w: Workspace): number {
  return member.spec.lossReduction === "sum" ? 1 / w.batch : 1 / (w.batch * w.dIn);
}

/**
 * Encodes, decodes and forms the code's gradient.
 *
 * A target changes the residual alone, r = x̂ − target, and so no formula: ∂L/∂W_dec pairs the code
 * with r, ∂L/∂W_enc pairs the code's gradient with x − b_dec, and b_dec still shifts the encoder's
 * input by −1 and the output by 1.
 */
export async function forward(
  member: Member,
  w: Workspace,
  { x, target: given }: Batch,
): Promise<LinearForward> {
  const { backend, batch, dIn, dSae } = w;
  const { spec, parameters: p } = member;
  let centred = x;
  let target = given ?? x;
  if (p.decoderBias) {
    const offset = p.decoderBias.parameter;
    centred = w.centred;
    await backend.center({ x, offset, batch, dIn, out: centred });
    target = centred;
    if (given) {
      w.centredTarget ??= backend.float32(batch * dIn);
      target = w.centredTarget;
      await backend.center({ x: given, offset, batch, dIn, out: target });
    }
  }
  const residualScale = 2 * lossScale(member, w);
  if (spec.selection.kind === "relu" && member.density > DENSE_ABOVE)
    return denseForward(member, w, { centred, target }, residualScale);

  const redoneRows = await encode(member, w, centred);
  const { code } = w;
  await backend.decode({
    wDec: p.unit,
    ...code,
    batch,
    dIn,
    target,
    targetScale: 1,
    residual: w.residual,
    rowLoss: w.rowLoss,
    residualScale,
    l1: spec.l1 / batch,
    positiveOnly: spec.selection.kind === "relu" || spec.selection.relu,
  });
  await backend.transpose({ batch, dSae, ...code });
  const { activeRows, magnitudes } = code;
  return {
    dense: undefined,
    centred,
    redoneRows,
    activeRows,
    residualScale,
    squaredError: sum(w.rowLoss, batch) / batch,
    l0: sum(activeRows, dSae) / batch,
    l1: sum(magnitudes, dSae) / batch,
  };
}

/** Writes the batch's code into the workspace. @returns Rows that had to be scored again. */
async function encode(member: Member, w: Workspace, centred: Float32Array): Promise<number> {
  const { backend, batch, dIn, dSae } = w;
  const { spec, parameters: p, packed } = member;
  const W = encoderWeights(p);
  const common = { x: centred, batch, dIn, dSae, W, bias: p.bias.parameter, packed, ...w.code };
  if (spec.selection.kind === "topk") {
    const { k, relu } = spec.selection;
    for (let b = 0; b <= batch; b++) w.code.indptr[b] = b * k;
    const margin = member.screenMargin;
    const redone = await backend.encodeTopK({ k, relu, margin, ...common });
    member.screenMargin = nextMargin(margin, k, redone / batch);
    return redone;
  }
  const nnz = await backend.encodePositive(common);
  if (nnz > w.code.indices.length) {
    w.code = codeBuffers(backend, batch, dSae, Math.ceil(nnz * 1.25));
    await backend.encodePositive(Object.assign(common, w.code));
  }
  return 0;
}

function notFinite(message: string): ConcordError {
  return new ConcordError("numeric/not-finite", message, {
    hint: "Lower lr, or check the scale of the activations. The last checkpoint is unchanged.",
  });
}

/**
 * Completes a step after `forward`: AuxK, gradient norm, update, counters.
 *
 * @throws {ConcordError} "numeric/not-finite" when the loss or the gradient is not finite, with the
 *   weights as they were before the step; or when a weight is not finite after it.
 */
export async function backward(
  member: Member,
  w: Workspace,
  input: StepOptions,
  f: LinearForward,
): Promise<StepResult> {
  const { backend, batch, dIn } = w;
  const { spec, parameters: p } = member;
  for (let latent = 0; latent < w.dSae; latent++)
    if (f.activeRows[latent]! > 0) member.tokensSinceFired[latent] = 0;
    else member.tokensSinceFired[latent]! += batch;

  const aux = f.dense ? undefined : await auxK(member, w, f.centred);
  const loss = f.squaredError * (lossScale(member, w) * batch) + spec.l1 * f.l1 + (aux?.loss ?? 0);
  if (!Number.isFinite(loss)) {
    const row = w.rowLoss.subarray(0, batch).findIndex((error) => !Number.isFinite(error));
    throw notFinite(`The loss is ${loss}${row < 0 ? "" : `, first in row ${row} of the batch`}.`);
  }

  const biasGrad = w.code.biasGrad;
  if (aux) for (let i = 0; i < w.dSae; i++) biasGrad[i]! += aux.biasGrad[i]!;
  const sources: SparseGradient[] = [];
  if (!f.dense)
    sources.push({
      x: f.centred,
      residual: w.residual,
      residualScale: f.residualScale,
      ...w.code,
    });
  if (aux) sources.push(aux.gradient);
  const parts = {
    sources,
    dIn,
    dSae: w.dSae,
    tying: p.tying,
    encoder: p.encoder,
    raw: p.raw,
    unit: p.unit,
    bias: p.bias,
    biasGrad,
    denseEncoder: f.dense?.encoder,
    denseUnit: f.dense?.unit,
    denseRaw: input.pull,
    ...(spec.clipNorm !== undefined && keptGradients(w, p)),
  };

  const decoderBiasGrad = p.decoderBias && (await decoderBiasGradient(member, w, f, biasGrad));
  let clip = 1;
  let gradientNorm: number | undefined;
  if (spec.clipNorm !== undefined) {
    await backend.gradientNorm({ norm2: w.norm2, ...parts });
    let norm2 = sum(w.norm2, w.dSae);
    if (decoderBiasGrad) for (const g of decoderBiasGrad) norm2 += g * g;
    gradientNorm = Math.sqrt(norm2);
    if (!Number.isFinite(gradientNorm)) throw notFinite(`The gradient's norm is ${gradientNorm}.`);
    clip = Math.min(1, spec.clipNorm / (gradientNorm + 1e-6));
  }

  member.steps++;
  member.adamSteps++;
  const { beta1, beta2, eps } = member.adam;
  const adam = {
    lr: input.lr,
    beta1,
    beta2,
    eps,
    correction1: 1 - beta1 ** member.adamSteps,
    correction2: 1 - beta2 ** member.adamSteps,
  };
  const broken = await backend.update({
    clip,
    adam,
    ...parts,
    moved: input.moved,
    packed: member.packed,
    k: selectionK(spec),
  });
  if (p.decoderBias && decoderBiasGrad)
    await backend.updateVector({ gradient: decoderBiasGrad, clip, n: dIn, adam, ...p.decoderBias });
  if (broken >= 0) throw notFinite(`Latent ${broken} is not finite any more.`);
  if (p.decoderBias && !p.decoderBias.parameter.every(Number.isFinite))
    throw notFinite("b_dec is not finite any more.");
  member.density = f.l0 / w.dSae;
  return {
    loss,
    squaredError: f.squaredError,
    l0: f.l0,
    l1: f.l1,
    auxLoss: spec.auxK && (aux?.loss ?? 0),
    gradientNorm,
    redoneRows: f.redoneRows,
  };
}

/**
 * dL/db_dec = scale Σ_b residual_b − Σ_f biasGrad_f W_enc[f]: it shifts both the output and the
 * encoder's input.
 */
async function decoderBiasGradient(
  member: Member,
  w: Workspace,
  f: LinearForward,
  biasGrad: Float32Array,
): Promise<Float32Array> {
  const { backend, batch, dIn, dSae } = w;
  const W = encoderWeights(member.parameters);
  await backend.weightedRowSum({ matrix: w.residual, rows: batch, columns: dIn, out: w.columnSum });
  const through = { matrix: W, weight: biasGrad, rows: dSae, columns: dIn, out: w.throughEncoder };
  await backend.weightedRowSum(through);
  for (let j = 0; j < dIn; j++)
    w.columnSum[j] = f.residualScale * w.columnSum[j]! - w.throughEncoder[j]!;
  return w.columnSum;
}

/** A whole step: forward and backward. */
export async function trainStep(
  member: Member,
  w: Workspace,
  input: Batch & StepOptions,
): Promise<StepResult> {
  return backward(member, w, input, await forward(member, w, input));
}

function sum(values: ArrayLike<number>, n: number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += values[i]!;
  return total;
}
