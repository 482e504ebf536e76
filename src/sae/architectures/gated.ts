/**
 * @file Gated: one encoder decides which latents are active and, rescaled, how much.
 *
 *   s = (x − b_dec) W_enc,  p = s + b_gate,  z = 1[p > 0] ReLU(eʳ s + b_mag),  x̂ = z W_dec + b_dec
 *   L = mean_b ‖x − x̂‖² + l1 mean_b Σ ReLU(p) + mean_b ‖x − x̂'(ReLU(p))‖²
 *
 * x̂' decodes with weights and b_dec held fixed. Rajamanoharan et al. 2024 (arXiv:2404.16014), as
 * dictionary_learning's GatedSAETrainer (0.1.0) trains it. Saved as the JumpReLU SAE that computes
 * the same: eʳ goes into the encoder, and the gate becomes a threshold.
 */

import { TYING } from "../../backend/backend.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { clipNorm, decoderBias, l1, sparsityWarmupSteps, weightInit } from "../options.ts";

/** `gated`. */
export const gated = linearArchitecture({
  name: "gated",
  summary: "A gate decides which latents are active, a magnitude how much",
  source:
    "Rajamanoharan et al. 2024 ([arXiv:2404.16014](https://arxiv.org/abs/2404.16014)), dictionary_learning's GatedSAETrainer (0.1.0)",
  loss: "mean over the batch of the sum over d_in",
  /** dictionary_learning's. */
  defaultLr: () => 5e-5,
  defaultLrText: "5e-5",
  options: { l1, sparsityWarmupSteps, decoderBias, weightInit, clipNorm },
  penaltyOption: "l1",
  defaults: () => ({
    l1: 0.1,
    sparsityWarmupSteps: 0,
    decoderBias: "zero",
    weightInit: "unit_normal",
    clipNorm: false,
  }),
  spec({ l1, sparsityWarmupSteps, decoderBias, weightInit, clipNorm }) {
    return {
      name: "gated",
      tying: TYING.untiedUnit,
      selection: { kind: "gated", coefficient: l1, warmupSteps: sparsityWarmupSteps },
      lossReduction: "sum",
      l1: 0,
      auxK: undefined,
      decoderBias: decoderBias === "none" ? undefined : decoderBias,
      weightInit,
      clipNorm: clipNorm === false ? undefined : clipNorm,
    };
  },
});
