/**
 * @file A gate that decides whether a latent is active, and a magnitude that says how much.
 *
 *   s = W_enc (x − b_dec),  p = s + b_gate,  m = ReLU(eʳ s + b_mag),  z = 1[p > 0] m
 *   L = mean_b ‖x̂(z) − target‖² + λ mean_b Σ ReLU(p) + mean_b ‖x̂'(ReLU(p)) − target‖²
 *
 * x̂' decodes with weights and b_dec held fixed. The gate's step has no gradient: the gate learns
 * from the last two terms alone. b_gate is the encoder's bias.
 */

import type { Member } from "../member.ts";
import { encoderWeights } from "../parameters.ts";
import type { Selection } from "../spec.ts";
import { roomOf, type Workspace } from "../workspace.ts";
import { encodeAbove } from "./positive.ts";
import { codeMeans, entries, type Rule, sum } from "./rule.ts";
import { decodeCode, transposeCode } from "./sparse-step.ts";

type Gated = Extract<Selection, { kind: "gated" }>;

function gatedRoom(w: Workspace) {
  const room = roomOf(w, "gated", ({ backend, batch, dIn, dSae }) => ({
    residual: backend.float32(batch * dIn),
    rowLoss: backend.float32(batch),
    gate: backend.float32(dSae),
    magnitude: backend.float32(dSae),
    scale: backend.float32(dSae),
    pre: backend.float32(0),
    grads: backend.float32(0),
  }));
  const length = w.code.indices.length;
  if (room.pre.length < length) {
    room.pre = w.backend.float32(length);
    room.grads = w.backend.float32(length);
  }
  return room;
}

function vectorsOf({ parameters: p }: Member) {
  const magnitude = p.vectors["b_mag"]!.parameter;
  const scale = p.vectors["r_mag"]!.parameter;
  return { gate: p.bias.parameter, magnitude, factors: scale.map(Math.exp) };
}

export const gatedRule: Rule<Gated> = {
  packedK: () => 0,
  activePerRow: () => undefined,
  capacity: (_, { batch, dSae }) => batch * Math.ceil(dSae / 16),
  vectors: () => ({ b_mag: 0, r_mag: 0 }),
  prepare(_, w) {
    gatedRoom(w);
  },
  async forward(member, w, batch) {
    const { backend, batch: rows, dIn } = w;
    const { gate, magnitude, factors } = vectorsOf(member);
    const { coefficient, warmupSteps } = member.spec.selection as Gated;
    const lambda = coefficient * (member.steps < warmupSteps ? member.steps / warmupSteps : 1);
    await encodeAbove(member, w, batch.centred, gate);
    const { code } = w;
    const room = gatedRoom(w);
    const nnz = entries(w);
    const { pre, grads } = room;
    for (let e = 0; e < nnz; e++) {
      const latent = code.indices[e]!;
      pre[e] = code.values[e]!;
      const score = pre[e]! - gate[latent]!;
      code.values[e] = Math.max(0, factors[latent]! * score + magnitude[latent]!);
    }
    await decodeCode(member, w, batch, { l1: 0, positiveOnly: true });
    await backend.decode({
      indptr: code.indptr,
      indices: code.indices,
      values: pre,
      batch: rows,
      dIn,
      wDec: member.parameters.unit,
      target: batch.target,
      targetScale: 1,
      residual: room.residual,
      rowLoss: room.rowLoss,
      codeGrad: grads,
      residualScale: batch.residualScale,
      l1: lambda / rows,
      positiveOnly: true,
    });
    for (const gradient of [room.gate, room.magnitude, room.scale]) gradient.fill(0);
    let gates = 0;
    for (let e = 0; e < nnz; e++) {
      const latent = code.indices[e]!;
      // Zero where the magnitude is.
      const ofMagnitude = code.codeGrad[e]!;
      const stretched = factors[latent]! * ofMagnitude;
      room.gate[latent]! += grads[e]!;
      room.magnitude[latent]! += ofMagnitude;
      room.scale[latent]! += stretched * (pre[e]! - gate[latent]!);
      code.codeGrad[e] = grads[e]! + stretched;
      gates += pre[e]!;
    }
    await transposeCode(w);
    const unit = batch.residualScale / 2;
    return {
      redoneRows: 0,
      ...codeMeans(w),
      penalty: (lambda * gates) / rows + sum(room.rowLoss, rows) * unit,
      biasGrad: room.gate,
      vectors: { b_mag: room.magnitude, r_mag: room.scale },
    };
  },
  inference(member) {
    const { gate, magnitude, factors } = vectorsOf(member);
    // p > 0 exactly where eʳ s + b_mag > b_mag − eʳ b_gate.
    const thresholds = magnitude.map((b, f) => b - factors[f]! * gate[f]!);
    return { kind: "jumprelu", thresholds };
  },
  inferenceEncoder(member, { backend, dIn, dSae }) {
    const { magnitude, factors } = vectorsOf(member);
    const from = encoderWeights(member.parameters);
    const encoder = backend.float32(dSae * dIn);
    for (let f = 0; f < dSae; f++)
      for (let i = f * dIn; i < (f + 1) * dIn; i++) encoder[i] = factors[f]! * from[i]!;
    return { encoder, bias: magnitude };
  },
  startFrom({ parameters: p }, selection) {
    if (selection.kind !== "jumprelu") return;
    // The saved encoder has the magnitude's bias, and eʳ in its weights.
    const magnitude = p.vectors["b_mag"]!.parameter;
    magnitude.set(p.bias.parameter);
    p.vectors["r_mag"]!.parameter.fill(0);
    for (let f = 0; f < magnitude.length; f++)
      p.bias.parameter[f] = magnitude[f]! - selection.thresholds[f]!;
  },
};
