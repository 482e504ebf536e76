/**
 * @file Scores above a threshold that is learnt: z = s · 1[s > θ].
 *
 * The threshold has no gradient. In its place stands the straight-through estimate with a rectangle
 * of width ε around it, for the scores with |s − θ| < ε / 2 (g the gradient that reaches z):
 *
 *   ∂z/∂θ ≈ −θ / ε,  ∂1[s > θ]/∂θ ≈ −1 / ε
 *
 * Penalties: `step` is λ Σ 1[s > θ]; `tanh` is λ Σ tanh(c z), which has a gradient of its own.
 */

import type { Member } from "../member.ts";
import type { Selection } from "../spec.ts";
import { roomOf, type Workspace } from "../workspace.ts";
import { denseCodeGradient, denseDecode, denseScores, denseWeightGradients } from "./dense.ts";
import { encodeAbove } from "./positive.ts";
import { codeMeans, entries, type Found, type Rule } from "./rule.ts";
import { decodeCode, transposeCode } from "./sparse-step.ts";

type JumpRelu = Extract<Selection, { kind: "jumprelu" }>;

function jumpRoom(w: Workspace) {
  return roomOf(w, "jumprelu", ({ backend, dSae }) => ({
    bias: backend.float32(dSae),
    gradient: backend.float32(dSae),
  }));
}

/** λ of this step: it grows over the first steps. */
function coefficientOf(member: Member): number {
  const { coefficient, warmupSteps } = member.spec.selection as JumpRelu;
  return coefficient * (member.steps < warmupSteps ? member.steps / warmupSteps : 1);
}

/** What an entry adds to the gradient of its score and of its latent's threshold. */
function entryGradient(
  rule: JumpRelu,
  lambda: number,
  score: number,
  threshold: number,
  reconstruction: number,
): { readonly score: number; readonly threshold: number } {
  const { bandwidth, penalty, tanhScale, steToInput } = rule;
  const isActive = score > threshold;
  const isNear = Math.abs(score - threshold) < bandwidth / 2;
  const value = isActive ? score : 0;
  const slope = penalty === "tanh" ? tanhScale * (1 - Math.tanh(tanhScale * value) ** 2) : 0;
  const gradient = reconstruction + lambda * slope;
  const jump = isNear ? (threshold * gradient + (penalty === "step" ? lambda : 0)) / bandwidth : 0;
  return {
    score: (isActive ? gradient : 0) + (steToInput ? jump : 0),
    threshold: -jump,
  };
}

/** The penalty's share of the loss. */
function penaltyOf({ penalty }: JumpRelu, lambda: number, l0: number, tanhs: number): number {
  return lambda * (penalty === "step" ? l0 : tanhs);
}

export const jumpReluRule: Rule<JumpRelu> = {
  packedK: () => 0,
  activePerRow: () => undefined,
  capacity: (_, { batch, dSae }) => batch * Math.ceil(dSae / 16),
  vectors: ({ initialThreshold }) => ({ threshold: initialThreshold }),
  prepare(_, w) {
    jumpRoom(w);
  },
  async forward(member, w, batch): Promise<Found> {
    const { parameters: p } = member;
    const rule = member.spec.selection as JumpRelu;
    const theta = p.vectors["threshold"]!.parameter;
    const { bias, gradient } = jumpRoom(w);
    const half = rule.bandwidth / 2;
    // All scores down to the rectangle's lower end, less that end.
    for (let f = 0; f < w.dSae; f++) bias[f] = p.bias.parameter[f]! - (theta[f]! - half);
    await encodeAbove(member, w, batch.centred, bias);
    const { code } = w;
    const nnz = entries(w);
    for (let e = 0; e < nnz; e++) {
      const threshold = theta[code.indices[e]!]!;
      const score = code.values[e]! + (threshold - half);
      // Kept for the gradient, which takes the place of the score.
      code.latentValues[e] = score;
      code.values[e] = score > threshold ? score : 0;
    }
    await decodeCode(member, w, batch, { l1: 0, positiveOnly: false });
    const lambda = coefficientOf(member);
    const perRow = lambda / w.batch;
    gradient.fill(0);
    let tanhs = 0;
    for (let e = 0; e < nnz; e++) {
      const latent = code.indices[e]!;
      const score = code.latentValues[e]!;
      const part = entryGradient(rule, perRow, score, theta[latent]!, code.codeGrad[e]!);
      code.codeGrad[e] = part.score;
      gradient[latent]! += part.threshold;
      if (rule.penalty === "tanh") tanhs += Math.tanh(rule.tanhScale * code.values[e]!);
    }
    await transposeCode(w);
    const means = codeMeans(w);
    const penalty = penaltyOf(rule, lambda, means.l0, tanhs / w.batch);
    return { redoneRows: 0, ...means, penalty, vectors: { threshold: gradient } };
  },
  async denseForward(member, w, { centred, target, residualScale }): Promise<Found> {
    const { batch, dSae, residual, rowLoss } = w;
    const { parameters: p } = member;
    const rule = member.spec.selection as JumpRelu;
    const theta = p.vectors["threshold"]!.parameter;
    const { gradient } = jumpRoom(w);
    const { code: scores, grad } = await denseScores(member, w, centred);
    const half = rule.bandwidth / 2;
    const near: number[] = [];
    const nearScores: number[] = [];
    for (let b = 0, i = 0; b < batch; b++)
      for (let f = 0; f < dSae; f++, i++) {
        const score = scores[i]! + p.bias.parameter[f]!;
        scores[i] = score > theta[f]! ? score : 0;
        if (Math.abs(score - theta[f]!) >= half) continue;
        near.push(i);
        nearScores.push(score);
      }
    await denseDecode(member, w, scores, target, { residual, rowLoss });
    await denseCodeGradient(member, w, residual, grad);
    const lambda = coefficientOf(member);
    const perRow = lambda / batch;
    gradient.fill(0);
    const nearGradients = near.map((i) => grad[i]! * residualScale);
    let l0 = 0;
    let l1 = 0;
    let tanhs = 0;
    for (let i = 0; i < batch * dSae; i++) {
      const value = scores[i]!;
      if (!(value > 0)) {
        grad[i] = 0;
        continue;
      }
      l0++;
      l1 += value;
      grad[i]! *= residualScale;
      if (rule.penalty !== "tanh") continue;
      const tanh = Math.tanh(rule.tanhScale * value);
      tanhs += tanh;
      grad[i]! += perRow * rule.tanhScale * (1 - tanh ** 2);
    }
    for (const [n, i] of near.entries()) {
      const latent = i % dSae;
      const part = entryGradient(rule, perRow, nearScores[n]!, theta[latent]!, nearGradients[n]!);
      gradient[latent]! += part.threshold;
      grad[i] = part.score;
    }
    const dense = await denseWeightGradients(w, centred, residualScale);
    const penalty = penaltyOf(rule, lambda, l0 / batch, tanhs / batch);
    const means = { l0: l0 / batch, l1: l1 / batch };
    return { redoneRows: 0, dense, ...means, penalty, vectors: { threshold: gradient } };
  },
  afterUpdate({ parameters: p }) {
    // Below zero the gate would let negative scores through.
    const { parameter } = p.vectors["threshold"]!;
    for (let f = 0; f < parameter.length; f++) parameter[f] = Math.max(0, parameter[f]!);
  },
  inference: ({ parameters: p }) => ({
    kind: "jumprelu",
    thresholds: p.vectors["threshold"]!.parameter,
  }),
  startFrom({ parameters: p }, selection) {
    if (selection.kind === "jumprelu") p.vectors["threshold"]!.parameter.set(selection.thresholds);
  },
};
