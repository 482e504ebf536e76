/**
 * @file ReLU with an L1 penalty, untied: the encoder is free, the decoder's rows are normalised in
 *   the forward pass.
 *
 *   z = ReLU(x W_enc + b_enc),  x̂ = z · D / ‖D‖_row
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z| + β‖b_enc‖
 *
 * Cunningham et al. 2023 (arXiv:2309.08600), following FunctionalSAE of HoagyC/sparse_coding
 * (69c5ae0). β, `bias_decay`, is 0 by default, as there. With `decoder_bias: mean` it is the
 * AnthropicSAE of the universality study (shift at input and output).
 */

import { TYING } from "../../backend/backend.ts";
import { expected } from "../../errors.ts";
import type { SaeShape } from "../architecture.ts";
import { linearArchitecture, type Resolved } from "../linear/linear-architecture.ts";
import type { LinearSpec } from "../linear/spec.ts";
import { biasDecay, clipNorm, decoderBias, l1, weightInit } from "../options.ts";

/** α of the published Pythia dictionaries' sweep, index 7 of logspace(−4, −2, 16). */
const DEFAULT_L1 = 8.577e-4;

/** What the ReLU architectures of the fused step listen to. */
export const RELU_OPTIONS = { l1, biasDecay, decoderBias, weightInit, clipNorm };

/** What `aux_k` is refused with. */
export const RELU_REFUSES = { auxK: "AuxK belongs to TopK" };

/** The defaults that the ReLU architectures share. */
export function reluDefaults(_: SaeShape): Resolved<typeof RELU_OPTIONS> {
  return {
    l1: DEFAULT_L1,
    biasDecay: 0,
    decoderBias: "none",
    weightInit: "xavier_uniform",
    clipNorm: false,
  };
}

/** The spec that the ReLU architectures share. */
export function reluSpec(
  name: string,
  tying: LinearSpec["tying"],
  options: Resolved<typeof RELU_OPTIONS>,
): LinearSpec {
  const { l1, biasDecay, decoderBias, weightInit, clipNorm } = options;
  if (!(l1 >= 0 && Number.isFinite(l1))) throw expected("l1", "a number from 0", l1);
  if (!(biasDecay >= 0 && Number.isFinite(biasDecay)))
    throw expected("biasDecay", "a number from 0", biasDecay);
  return {
    name,
    tying,
    selection: { kind: "relu" },
    decoderBias: decoderBias === "none" ? undefined : decoderBias,
    lossReduction: "mean",
    l1,
    biasDecay: biasDecay > 0 ? biasDecay : undefined,
    auxK: undefined,
    weightInit,
    clipNorm: clipNorm === false ? undefined : clipNorm,
  };
}

/** `relu`. */
export const relu = linearArchitecture({
  name: "relu",
  summary: "ReLU with an L1 penalty, untied, normalised decoder (sparse coding ensembles)",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), sparse_coding's FunctionalSAE (69c5ae0)",
  loss: "mean over the batch of the mean over d_in",
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  options: RELU_OPTIONS,
  penaltyOption: "l1",
  refuses: RELU_REFUSES,
  defaults: reluDefaults,
  spec: (options) => reluSpec("relu", TYING.untiedNormalized, options),
});
