/**
 * @file ReLU with an L1 penalty, tied: the normalised rows of one matrix encode and decode.
 *
 *   Ê = E / ‖E‖_row,  z = ReLU(x Êᵀ + b),  x̂ = z Ê
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z| + β‖b‖
 *
 * Cunningham et al. 2023 (arXiv:2309.08600), following FunctionalTiedSAE of HoagyC/sparse_coding
 * (69c5ae0). Its β cannot be used at that commit: the loss reads a number that was never kept. Here
 * `bias_decay` is that number. With `decoder_bias` it is FunctionalTiedCenteredSAE.
 */

import { TYING } from "../../backend/backend.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { RELU_OPTIONS, RELU_REFUSES, reluDefaults, reluSpec } from "./relu.ts";

/** `relu_tied`. */
export const tiedRelu = linearArchitecture({
  name: "relu_tied",
  isTied: true,
  summary: "ReLU with an L1 penalty, tied and normalised (sparse coding ensembles)",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), sparse_coding's FunctionalTiedSAE (69c5ae0)",
  loss: "mean over the batch of the mean over d_in",
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  options: RELU_OPTIONS,
  penaltyOption: "l1",
  refuses: RELU_REFUSES,
  defaults: reluDefaults,
  spec: (options) => reluSpec("relu_tied", TYING.tiedNormalized, options),
});
