/**
 * @file ReLU with an L1 penalty, tied, all weights at 0 or above. It is for rows with few negative
 *   numbers or none, as MLP activations after a GELU are.
 *
 *   Ê = E / ‖E‖_row,  z = ReLU((x + s) Êᵀ + b),  x̂ = z Ê − s,  E ≥ 0
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z| + β‖b‖
 *
 * After FunctionalPositiveTiedSAE of HoagyC/sparse_coding (69c5ae0): E starts as magnitudes of
 * Xavier's numbers, b as −1, and s is 0.18, the least value of GELU and a little more. We differ in
 * that weights are put back to 0 after each step. That program raises them in the forward pass
 * alone: a weight below 0 has no gradient any more, and the saved dictionary has it negative.
 */

import { z } from "zod";
import { TYING } from "../../backend/backend.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { option } from "../options.ts";
import { RELU_OPTIONS, RELU_REFUSES, reluDefaults, reluSpec } from "./relu.ts";

/** GELU's least value is −0.17. */
const GELU_FLOOR = 0.18;

const { l1, biasDecay, weightInit, clipNorm } = RELU_OPTIONS;

/** `relu_tied_positive`. */
export const positiveTiedRelu = linearArchitecture({
  name: "relu_tied_positive",
  isTied: true,
  summary: "ReLU with an L1 penalty, tied, weights at 0 or above, for non-negative rows",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), after sparse_coding's FunctionalPositiveTiedSAE (69c5ae0)",
  loss: "mean over the batch of the mean over d_in",
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  options: {
    l1,
    biasDecay,
    weightInit,
    clipNorm,
    inputShift: option(
      z.number(),
      "What is added to every number of the rows, and taken off reconstructions; kept as b_dec",
    ),
  },
  penaltyOption: "l1",
  refuses: { ...RELU_REFUSES, decoderBias: "its b_dec is −input_shift" },
  defaults: (shape) => {
    const { l1, biasDecay, weightInit, clipNorm } = reluDefaults(shape);
    return { l1, biasDecay, weightInit, clipNorm, inputShift: GELU_FLOOR };
  },
  spec: ({ inputShift, ...options }) => ({
    ...reluSpec("relu_tied_positive", TYING.tiedNormalized, { ...options, decoderBias: "none" }),
    decoderBias: -inputShift,
    encoderBiasStart: -1,
    nonNegative: true,
  }),
});
