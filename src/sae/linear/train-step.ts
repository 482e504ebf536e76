/**
 * @file One training step of one SAE: encode, decode, gradients by hand, clip, Adam. See
 *   ARCHITECTURE.md for the flow.
 */

import type { SparseGradient } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";
import type { Batch, StepOptions, StepResult } from "../trainable.ts";
import { auxK } from "./aux-k.ts";
import {
  constrainedGradients,
  constrainWeights,
  decayedBias,
  decayLoss,
  keepFrozen,
} from "./constraints.ts";
import type { LinearForward } from "./forward.ts";
import { type Member, packedK } from "./member.ts";
import { encoderWeights } from "./parameters.ts";
import { sum } from "./rules/rule.ts";
import { ruleOf } from "./rules/rules.ts";
import { keptGradients, type Workspace } from "./workspace.ts";

/** Above this fraction of active latents the dense path is faster than the sparse one. */
const DENSE_ABOVE = 0.1;

function lossScale(member: Member, w: Workspace): number {
  return member.spec.lossReduction === "sum" ? 1 / w.batch : 1 / (w.batch * w.dIn);
}

/**
 * Encodes, decodes and forms the code's gradient.
 *
 * A target changes the residual alone, r = x̂ − target, and so no formula. ∂L/∂W_dec pairs the code
 * with r, and ∂L/∂W_enc pairs the code's gradient with x − b_dec. And b_dec still shifts the
 * encoder's input by −1 and the output by 1.
 */
export async function forward(
  member: Member,
  w: Workspace,
  { x, target: given }: Batch,
): Promise<LinearForward> {
  const { backend, batch, dIn } = w;
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
  const rule = ruleOf(spec.selection);
  const input = { centred, target, residualScale };
  const found =
    rule.denseForward && member.density > DENSE_ABOVE
      ? await rule.denseForward(member, w, input)
      : await rule.forward(member, w, input);
  const squaredError = found.squaredError ?? sum(w.rowLoss, batch) / batch;
  return { centred, ...found, residualScale, squaredError, activeRows: w.code.activeRows };
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
  const reconstruction = (f.reconstruction ?? f.squaredError) * (lossScale(member, w) * batch);
  const loss =
    reconstruction + spec.l1 * f.l1 + (f.penalty ?? 0) + decayLoss(member) + (aux?.loss ?? 0);
  if (!Number.isFinite(loss)) {
    const row = w.rowLoss.subarray(0, batch).findIndex((error) => !Number.isFinite(error));
    throw notFinite(`The loss is ${loss}${row < 0 ? "" : `, first in row ${row} of the batch`}.`);
  }

  const scoreGrad = w.code.biasGrad;
  if (aux) for (let i = 0; i < w.dSae; i++) scoreGrad[i]! += aux.biasGrad[i]!;
  const biasGrad = decayedBias(member, w, f.biasGrad ?? scoreGrad);
  const own = { x: f.centred, residual: w.residual, residualScale: f.residualScale, ...w.code };
  const sources: SparseGradient[] = [...(f.sources ?? (f.dense ? [] : [own]))];
  if (aux) sources.push(aux.gradient);
  const parts = {
    dIn,
    dSae: w.dSae,
    tying: p.tying,
    encoder: p.encoder,
    raw: p.raw,
    unit: p.unit,
    bias: p.bias,
    biasGrad,
    ...constrainedGradients(member, w, sources, {
      denseEncoder: f.dense?.encoder,
      denseUnit: f.dense?.unit,
      denseRaw: input.pull,
    }),
    ...(spec.clipNorm !== undefined && keptGradients(w, p)),
  };

  const learnsDecoderBias = p.decoderBias && typeof spec.decoderBias !== "number";
  const decoderBiasGrad = learnsDecoderBias
    ? await decoderBiasGradient(member, w, f, scoreGrad)
    : undefined;
  let clip = 1;
  let gradientNorm: number | undefined;
  if (spec.clipNorm !== undefined) {
    await backend.gradientNorm({ norm2: w.norm2, ...parts });
    let norm2 = sum(w.norm2, w.dSae);
    if (decoderBiasGrad) for (const g of decoderBiasGrad) norm2 += g * g;
    for (const gradient of Object.values(f.vectors ?? {})) for (const g of gradient) norm2 += g * g;
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
  keepFrozen(member, w);
  const broken = await backend.update({
    clip,
    adam,
    ...parts,
    moved: input.moved,
    packed: member.packed,
    k: packedK(spec, w.dSae),
  });
  for (const [name, gradient] of Object.entries(f.vectors ?? {})) {
    await backend.updateVector({ gradient, clip, n: w.dSae, adam, ...p.vectors[name]! });
    if (!p.vectors[name]!.parameter.every(Number.isFinite))
      throw notFinite(`${name} is not finite any more.`);
  }
  await constrainWeights(member, w, input.moved);
  ruleOf(spec.selection).afterUpdate?.(member, f);
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
 * dL/db_dec = scale Σ_b residual_b − Σ_f scoreGrad_f W_enc[f]: it shifts both the output and the
 * encoder's input.
 */
async function decoderBiasGradient(
  member: Member,
  w: Workspace,
  f: LinearForward,
  scoreGrad: Float32Array,
): Promise<Float32Array> {
  const { backend, batch, dIn, dSae } = w;
  const W = encoderWeights(member.parameters);
  const { residual: matrix, scale } = f.output ?? { residual: w.residual, scale: f.residualScale };
  await backend.weightedRowSum({ matrix, rows: batch, columns: dIn, out: w.columnSum });
  const through = { matrix: W, weight: scoreGrad, rows: dSae, columns: dIn, out: w.throughEncoder };
  await backend.weightedRowSum(through);
  for (let j = 0; j < dIn; j++) w.columnSum[j] = scale * w.columnSum[j]! - w.throughEncoder[j]!;
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
