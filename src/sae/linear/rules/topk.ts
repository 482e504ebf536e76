/** @file The k largest scores of every row. */

import { encoderWeights } from "../parameters.ts";
import { nextMargin } from "../screen-margin.ts";
import type { Selection } from "../spec.ts";
import { codeMeans, type Rule } from "./rule.ts";
import { decodeCode, transposeCode } from "./sparse-step.ts";

type TopK = Extract<Selection, { kind: "topk" }>;

export const topkRule: Rule<TopK> = {
  packedK: ({ k }) => k,
  activePerRow: ({ k }) => k,
  capacity: ({ k }, { batch }) => batch * k,
  async forward(member, w, batch) {
    const { backend, batch: rows, dIn, dSae, code } = w;
    const { parameters: p, packed, spec } = member;
    const { k, relu } = spec.selection as TopK;
    for (let b = 0; b <= rows; b++) code.indptr[b] = b * k;
    const margin = member.screenMargin;
    const redoneRows = await backend.encodeTopK({
      x: batch.centred,
      batch: rows,
      dIn,
      dSae,
      k,
      relu,
      margin,
      W: encoderWeights(p),
      bias: p.bias.parameter,
      packed,
      ...code,
    });
    member.screenMargin = nextMargin(margin, k, redoneRows / rows);
    await decodeCode(member, w, batch, { l1: spec.l1 / rows, positiveOnly: relu });
    await transposeCode(w);
    return { redoneRows, ...codeMeans(w) };
  },
  inferenceK: ({ k }) => k,
  inference: ({ spec }) => spec.selection as TopK,
};
