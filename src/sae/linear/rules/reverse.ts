/**
 * @file Every score that is above zero with b_enc; active latents then have their score without it:
 *
 *   s = W_enc (x − b_dec),  z = s · 1[s + b > 0]
 *
 * That is a jump at −b. The jump has no gradient, so b learns from bias decay alone. It is kept at
 * 0 or below, where codes are positive.
 */

import { encoderWeights } from "../parameters.ts";
import type { Selection } from "../spec.ts";
import { roomOf, type Workspace } from "../workspace.ts";
import {
  denseCodeGradient,
  denseDecode,
  denseScores,
  denseWeightGradients,
  meanOverBatch,
} from "./dense.ts";
import { encodeAbove } from "./positive.ts";
import { codeMeans, entries, type Rule } from "./rule.ts";
import { decodeCode, transposeCode } from "./sparse-step.ts";

type Reverse = Extract<Selection, { kind: "reverse" }>;

/** A gradient of b_enc that is zero. */
function noGradient(w: Workspace): Float32Array {
  return roomOf(w, "reverse", ({ backend, dSae }) => ({ zeros: backend.float32(dSae) })).zeros;
}

export const reverseRule: Rule<Reverse> = {
  packedK: () => 0,
  activePerRow: () => undefined,
  capacity: (_, { batch, dSae }) => batch * Math.ceil(dSae / 16),
  prepare(_, w) {
    noGradient(w);
  },
  async forward(member, w, batch) {
    const { parameters: p, spec } = member;
    const bias = p.bias.parameter;
    await encodeAbove(member, w, batch.centred, bias);
    const { code } = w;
    const nnz = entries(w);
    for (let e = 0; e < nnz; e++) code.values[e]! -= bias[code.indices[e]!]!;
    await decodeCode(member, w, batch, { l1: spec.l1 / w.batch, positiveOnly: true });
    await transposeCode(w);
    return { redoneRows: 0, ...codeMeans(w), biasGrad: noGradient(w) };
  },
  async denseForward(member, w, { centred, target, residualScale }) {
    const { backend, batch, dSae, residual, rowLoss } = w;
    const { parameters: p, spec } = member;
    const bias = p.bias.parameter;
    const { code, grad, active, sum } = await denseScores(member, w, centred);
    await backend.biasRelu({ scores: code, bias, batch, dSae, active, sum });
    for (let b = 0, i = 0; b < batch; b++)
      for (let f = 0; f < dSae; f++, i++) {
        if (!(code[i]! > 0)) continue;
        code[i]! -= bias[f]!;
        sum[b]! -= bias[f]!;
      }
    await denseDecode(member, w, code, target, { residual, rowLoss });
    await denseCodeGradient(member, w, residual, grad);
    const l1 = spec.l1 / batch;
    await backend.maskGradient({ grad, code, n: batch * dSae, scale: residualScale, l1 });
    return {
      redoneRows: 0,
      dense: await denseWeightGradients(w, centred, residualScale),
      squaredError: meanOverBatch(rowLoss, batch),
      l0: meanOverBatch(active, batch),
      l1: meanOverBatch(sum, batch),
      biasGrad: noGradient(w),
    };
  },
  afterUpdate({ parameters: p }) {
    const bias = p.bias.parameter;
    for (let f = 0; f < bias.length; f++) bias[f] = Math.min(0, bias[f]!);
  },
  inference: ({ parameters: p }) => ({
    kind: "jumprelu",
    thresholds: negated(p.bias.parameter),
  }),
  inferenceEncoder: ({ parameters: p }, w) => ({
    encoder: encoderWeights(p),
    bias: noGradient(w),
  }),
  startFrom({ parameters: p }, selection) {
    if (selection.kind === "jumprelu") p.bias.parameter.set(negated(selection.thresholds));
  },
};

/** −v for each v; 0 stays 0. */
function negated(values: Float32Array): Float32Array {
  return values.map((v) => 0 - v);
}
