/**
 * @file TopK, tied, as Mutual Feature Regularization trains it: one matrix encodes as it is and
 *   decodes with normalised rows.
 *
 *   z = TopK(x Wᵀ + b),  x̂ = z · W / ‖W‖_row,  L = mean over batch and d_in of (x − x̂)²
 *
 * No ReLU: negative pre-activations inside the top k survive. Marks et al. 2024 (arXiv:2411.01220),
 * following the authors' program (mutual-feature-regularization e9ec664, models/sae.py). We differ
 * where they keep more than k latents on ties.
 */

import { TYING } from "../../backend/backend.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { auxKDefaults } from "../options.ts";
import { TOPK_OPTIONS, topkSpec } from "./topk.ts";

/** `topk_tied`. */
export const tiedTopk = linearArchitecture({
  name: "topk_tied",
  isTied: true,
  summary: "k largest pre-activations, tied weights, no ReLU (Mutual Feature Regularization)",
  source:
    "Marks et al. 2024 ([arXiv:2411.01220](https://arxiv.org/abs/2411.01220)), mutual-feature-regularization (e9ec664)",
  /** What the authors' configs for real data have. */
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  loss: "mean over the batch of the mean over d_in",
  options: TOPK_OPTIONS,
  defaults: () => ({
    k: 32,
    decoderBias: "none",
    weightInit: "orthogonal",
    clipNorm: false,
    auxK: false,
  }),
  sections: ({ dIn }) => ({ auxK: auxKDefaults(dIn) }),
  leastLatents: ({ k }) => Number(k),
  spec(options, shape) {
    const { k, ...rest } = topkSpec(options, shape);
    return {
      name: "topk_tied",
      tying: TYING.tiedRaw,
      selection: { kind: "topk", k, relu: false },
      lossReduction: "mean",
      ...rest,
    };
  },
});
