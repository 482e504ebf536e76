/**
 * @file ReLU with an L1 penalty, tied, and the bias taken off active codes again: the bias decides
 *   which latents are active, and not how much.
 *
 *   Ê = E / ‖E‖_row,  s = x Êᵀ,  z = s · 1[s + b > 0],  x̂ = z Ê
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z| + β‖b‖
 *
 * FunctionalReverseSAE of HoagyC/sparse_coding (69c5ae0). Its b starts as 0, where nothing moves
 * it: it is then a ReLU without a bias. `bias_start` below 0 gives latents a threshold, which only
 * `bias_decay` lowers. We differ in that b stays at 0 or below, where codes are positive. Saved as
 * the JumpReLU SAE that computes the same, with thresholds −b.
 */

import { z } from "zod";
import { TYING } from "../../backend/backend.ts";
import { expected } from "../../errors.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { option } from "../options.ts";
import { RELU_OPTIONS, RELU_REFUSES, reluDefaults, reluSpec } from "./relu.ts";

/** `relu_tied_reverse`. */
export const tiedReverse = linearArchitecture({
  name: "relu_tied_reverse",
  isTied: true,
  summary: "ReLU with an L1 penalty, tied; active latents lose the bias again",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), sparse_coding's FunctionalReverseSAE (69c5ae0)",
  loss: "mean over the batch of the mean over d_in",
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  options: {
    ...RELU_OPTIONS,
    biasStart: option(z.number().max(0), "What b_enc starts as: latents are active above −b_enc"),
  },
  penaltyOption: "l1",
  refuses: RELU_REFUSES,
  defaults: (shape) => ({ ...reluDefaults(shape), biasStart: 0 }),
  spec({ biasStart, ...options }) {
    if (!(biasStart <= 0)) throw expected("biasStart", "a number up to 0", biasStart);
    return {
      ...reluSpec("relu_tied_reverse", TYING.tiedNormalized, options),
      selection: { kind: "reverse" },
      encoderBiasStart: biasStart,
    };
  },
});
