/**
 * @file Matryoshka: BatchTopK whose first latents alone must reconstruct, too.
 *
 *   x̂_g = Σ_{f < width_g} z_f d_f + b_dec,  width_g = d_sae / 2^(prefixes − g)
 *   L = mean_g mean_b ‖x − x̂_g‖² + α AuxK (of the whole dictionary)
 *
 * Bussmann et al. 2025 (arXiv:2503.17547), as dictionary_learning's MatryoshkaBatchTopKTrainer
 * (0.1.0) trains it. We differ where that program takes any group sizes, and divides the weights of
 * the groups by their number once more.
 */

import { z } from "zod";
import { TYING } from "../../backend/backend.ts";
import { expected } from "../../errors.ts";
import { linearArchitecture } from "../linear/linear-architecture.ts";
import { auxKDefaults, option } from "../options.ts";
import { BATCH_TOPK_OPTIONS } from "./batch-topk.ts";
import { topkSpec } from "./topk.ts";

/** `matryoshka`. */
export const matryoshka = linearArchitecture({
  name: "matryoshka",
  summary: "BatchTopK whose nested prefixes must reconstruct by themselves",
  source:
    "Bussmann et al. 2025 ([arXiv:2503.17547](https://arxiv.org/abs/2503.17547)), dictionary_learning's MatryoshkaBatchTopKTrainer (0.1.0)",
  loss: "mean over the prefixes of the mean over the batch of the sum over d_in",
  /** As for TopK. */
  defaultLr: ({ dSae }) => 2e-4 / Math.sqrt(dSae / 2 ** 14),
  defaultLrText: "2e-4 / √(d_sae / 2¹⁴)",
  options: {
    ...BATCH_TOPK_OPTIONS,
    prefixes: option(
      z.int().min(2).max(16),
      "Nested prefixes that must reconstruct, each half as wide as the next, the last of all latents",
    ),
  },
  defaults: ({ dIn }) => ({
    k: 32,
    prefixes: 5,
    thresholdLr: 0.01,
    decoderBias: "geometric_median",
    weightInit: "unit_normal",
    clipNorm: 1,
    auxK: auxKDefaults(dIn),
  }),
  sections: ({ dIn }) => ({ auxK: auxKDefaults(dIn) }),
  leastLatents: ({ k, prefixes }) => Math.max(Number(k), 2 ** (Number(prefixes) - 1)),
  spec(options, shape) {
    const { k, ...rest } = topkSpec(options, shape);
    const { thresholdLr, prefixes } = options;
    const most = Math.floor(Math.log2(shape.dSae)) + 1;
    if (prefixes > most)
      throw expected("prefixes", `2 to ${most}, the halvings of d_sae ${shape.dSae},`, prefixes);
    return {
      name: "matryoshka",
      tying: TYING.untiedUnit,
      selection: { kind: "batchtopk", k, thresholdLr, prefixes },
      lossReduction: "sum",
      ...rest,
    };
  },
});
