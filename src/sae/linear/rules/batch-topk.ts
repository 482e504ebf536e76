/**
 * @file The k · batch largest scores of a batch, whole or over nested prefixes. The trained SAE
 *   cannot look at a batch: it keeps what exceeds a threshold, the running mean of the smallest
 *   score that batches kept.
 */

import type { Selection } from "../spec.ts";
import { candidateRoom, candidatesPerRow, encodeAcrossBatch } from "./across-batch.ts";
import { nestedDecode, nestedRoom } from "./nested.ts";
import { codeMeans, type Rule } from "./rule.ts";
import { decodeCode, transposeCode } from "./sparse-step.ts";

type BatchTopK = Extract<Selection, { kind: "batchtopk" }>;

export const batchTopkRule: Rule<BatchTopK> = {
  packedK: ({ k }, dSae) => candidatesPerRow(k, dSae),
  activePerRow: ({ k }) => k,
  capacity: ({ k }, { batch }) => batch * k,
  sharing: ({ prefixes }) => prefixes,
  prepare({ k, prefixes }, w) {
    candidateRoom(w, candidatesPerRow(k, w.dSae));
    if (prefixes > 1) nestedRoom(w, prefixes);
  },
  async forward(member, w, batch) {
    const { k, prefixes } = member.spec.selection as BatchTopK;
    const { redoneRows, smallest } = await encodeAcrossBatch(member, w, batch.centred, k);
    if (prefixes > 1)
      return { redoneRows, smallest, ...(await nestedDecode(member, w, batch, prefixes)) };
    await decodeCode(member, w, batch, { l1: 0, positiveOnly: true });
    await transposeCode(w);
    return { redoneRows, smallest, ...codeMeans(w) };
  },
  afterUpdate(member, { smallest }) {
    const { thresholdLr } = member.spec.selection as BatchTopK;
    if (smallest === undefined) return;
    const before = member.threshold ?? smallest;
    member.threshold = before + thresholdLr * (smallest - before);
  },
  inference(member) {
    const thresholds = new Float32Array(member.parameters.dSae).fill(member.threshold ?? 0);
    return { kind: "jumprelu", thresholds };
  },
  startFrom(member, selection) {
    if (selection.kind === "jumprelu") member.threshold = selection.thresholds[0];
  },
};
