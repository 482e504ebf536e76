/** @file Every score above zero. */

import type { Selection } from "../spec.ts";
import {
  denseCodeGradient,
  denseDecode,
  denseScores,
  denseWeightGradients,
  meanOverBatch,
} from "./dense.ts";
import { encodeAbove } from "./positive.ts";
import { codeMeans, type Rule } from "./rule.ts";
import { decodeCode, transposeCode } from "./sparse-step.ts";

type Relu = Extract<Selection, { kind: "relu" }>;

export const reluRule: Rule<Relu> = {
  packedK: () => 0,
  activePerRow: () => undefined,
  capacity: (_, { batch, dSae }) => batch * Math.ceil(dSae / 16),
  async forward(member, w, batch) {
    const { parameters: p, spec } = member;
    await encodeAbove(member, w, batch.centred, p.bias.parameter);
    await decodeCode(member, w, batch, { l1: spec.l1 / w.batch, positiveOnly: true });
    await transposeCode(w);
    return { redoneRows: 0, ...codeMeans(w) };
  },
  async denseForward(member, w, { centred, target, residualScale }) {
    const { backend, batch, dSae, residual, rowLoss } = w;
    const { parameters: p, spec } = member;
    const { code: scores, grad, active, sum } = await denseScores(member, w, centred);
    await backend.biasRelu({ scores, bias: p.bias.parameter, batch, dSae, active, sum });
    await denseDecode(member, w, scores, target, { residual, rowLoss });
    await denseCodeGradient(member, w, residual, grad);
    const n = batch * dSae;
    const l1 = spec.l1 / batch;
    await backend.maskGradient({ grad, code: scores, n, scale: residualScale, l1 });
    return {
      redoneRows: 0,
      dense: await denseWeightGradients(w, centred, residualScale),
      squaredError: meanOverBatch(rowLoss, batch),
      l0: meanOverBatch(active, batch),
      l1: meanOverBatch(sum, batch),
    };
  },
  inference: () => ({ kind: "relu" }),
};
