/**
 * @file JumpReLU: pre-activations above a threshold of their latent survive, and the threshold is
 *   learnt.
 *
 *   s = (x − b_dec) W_enc + b_enc,  z = s · 1[s > θ],  x̂ = z W_dec + b_dec
 *   L = mean_b ‖x − x̂‖² + λ mean_b Σ 1[s > θ]            (penalty: step)
 *   L = mean_b ‖x − x̂‖² + λ mean_b Σ tanh(tanh_scale z)   (penalty: tanh)
 *
 * Rajamanoharan et al. 2024 (arXiv:2407.14435) with `step`; Anthropic's update of January 2025 with
 * `tanh` and `ste_to_input`. Losses and gradients are those of SAELens's JumpReLUTrainingSAE
 * (6.54.12), which trains θ itself, kept at 0 or above, and not its logarithm. We differ in that
 * atoms have length one, so that no norm stands in the penalty. We offer no loss on the
 * pre-activations of dead latents.
 */

import { z } from "zod";
import { TYING } from "../../backend/backend.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { clipNorm, decoderBias, option, sparsityWarmupSteps, weightInit } from "../options.ts";

/** `jumprelu`. */
export const jumpRelu = linearArchitecture({
  name: "jumprelu",
  summary: "Pre-activations above a learnt threshold, with a penalty on their number",
  source:
    "Rajamanoharan et al. 2024 ([arXiv:2407.14435](https://arxiv.org/abs/2407.14435)), SAELens's JumpReLUTrainingSAE (6.54.12)",
  loss: "mean over the batch of the sum over d_in",
  /** Table 3 of the paper. */
  defaultLr: () => 7e-5,
  defaultLrText: "7e-5",
  options: {
    l0Coefficient: {
      ...option(z.number().min(0), "Weight of the penalty on active latents"),
      isEarly: true,
    },
    sparsityWarmupSteps,
    penalty: option(
      z.enum(["step", "tanh"]),
      "What is penalised: how many latents are active, or the tanh of their activations",
    ),
    tanhScale: option(z.number().gt(0), "Factor of activations inside the tanh penalty"),
    bandwidth: option(
      z.number().gt(0),
      "Width around the threshold in which scores have a say in its gradient",
    ),
    initialThreshold: option(z.number().min(0), "What thresholds start as"),
    steToInput: option(
      z.boolean(),
      "Whether the threshold's estimated gradient reaches the encoder, too",
    ),
    decoderBias,
    weightInit,
    clipNorm,
  },
  penaltyOption: "l0Coefficient",
  defaults: () => ({
    l0Coefficient: 1e-2,
    sparsityWarmupSteps: 0,
    penalty: "step",
    tanhScale: 4,
    bandwidth: 0.05,
    initialThreshold: 0.01,
    steToInput: false,
    decoderBias: "zero",
    weightInit: "unit_normal",
    clipNorm: false,
  }),
  spec(options) {
    const { l0Coefficient, sparsityWarmupSteps, clipNorm, decoderBias, weightInit } = options;
    const { penalty, tanhScale, bandwidth, initialThreshold, steToInput } = options;
    return {
      name: "jumprelu",
      tying: TYING.untiedUnit,
      selection: {
        kind: "jumprelu",
        coefficient: l0Coefficient,
        warmupSteps: sparsityWarmupSteps,
        penalty,
        tanhScale,
        bandwidth,
        initialThreshold,
        steToInput,
      },
      lossReduction: "sum",
      l1: 0,
      auxK: undefined,
      decoderBias: decoderBias === "none" ? undefined : decoderBias,
      weightInit,
      clipNorm: clipNorm === false ? undefined : clipNorm,
    };
  },
});
