/**
 * @file BatchTopK: the k · batch largest pre-activations of a batch survive, so that rows share k.
 *
 *   z = BatchTopK(ReLU((x − b_dec) W_enc + b_enc)),  x̂ = z W_dec + b_dec
 *   L = mean_b ‖x − x̂‖² + α AuxK
 *   θ ← θ + threshold_lr (least kept value − θ), from the first batch's: what inference cuts at
 *
 * Bussmann et al. 2024 (arXiv:2412.06410), as dictionary_learning's BatchTopKTrainer (0.1.0) trains
 * it. We differ where that program begins its running threshold at step 1000 with a share of 0.001:
 * ours begins with the first batch, with SAELens's share of 0.01. Saved as SAELens saves it: a
 * JumpReLU SAE with one threshold for all latents.
 */

import { z } from "zod";
import { TYING } from "../../backend/backend.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { auxKDefaults, option } from "../options.ts";
import { TOPK_OPTIONS, topkSpec } from "./topk.ts";

/** What the architectures with batch-wide k listen to. */
export const BATCH_TOPK_OPTIONS = {
  ...TOPK_OPTIONS,
  thresholdLr: option(
    z.number().gt(0).max(1),
    "Share of the newest batch in the running threshold that inference cuts at",
  ),
};

/** `batchtopk`. */
export const batchTopk = linearArchitecture({
  name: "batchtopk",
  summary: "k · batch largest pre-activations of a batch, untied, unit-norm atoms, AuxK",
  source:
    "Bussmann et al. 2024 ([arXiv:2412.06410](https://arxiv.org/abs/2412.06410)), dictionary_learning's BatchTopKTrainer (0.1.0)",
  loss: "mean over the batch of the sum over d_in",
  /** As for TopK. */
  defaultLr: ({ dSae }) => 2e-4 / Math.sqrt(dSae / 2 ** 14),
  defaultLrText: "2e-4 / √(d_sae / 2¹⁴)",
  options: BATCH_TOPK_OPTIONS,
  defaults: ({ dIn }) => ({
    k: 32,
    thresholdLr: 0.01,
    decoderBias: "geometric_median",
    weightInit: "unit_normal",
    clipNorm: 1,
    auxK: auxKDefaults(dIn),
  }),
  sections: ({ dIn }) => ({ auxK: auxKDefaults(dIn) }),
  leastLatents: ({ k }) => Number(k),
  spec(options, shape) {
    const { k, ...rest } = topkSpec(options, shape);
    const { thresholdLr } = options;
    return {
      name: "batchtopk",
      tying: TYING.untiedUnit,
      selection: { kind: "batchtopk", k, thresholdLr, prefixes: 1 },
      lossReduction: "sum",
      ...rest,
    };
  },
});
