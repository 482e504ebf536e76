/**
 * @file TopK, untied: the k largest pre-activations of a row survive, decoder atoms have unit norm.
 *
 *   z = TopK(ReLU((x − b_dec) W_enc + b_enc)),  x̂ = z W_dec + b_dec
 *   L = mean_b ‖x − x̂‖² + α AuxK
 *
 * Gao et al. 2024 (arXiv:2406.04093); losses, initialisation, projection, clipping and AuxK as in
 * dictionary_learning's TopKTrainer (60ec6bf). We differ in two points: initial atoms are normal
 * instead of uniform before normalisation, and a latent counts as fired only when its activation is
 * not zero.
 */

import { TYING } from "../../backend/backend.ts";
import { expected } from "../../errors.ts";
import type { Architecture } from "../architecture.ts";

/** `topk`. */
export const topk: Architecture = {
  name: "topk",
  summary: "k largest pre-activations, untied, unit-norm atoms, AuxK for dead latents",
  source:
    "Gao et al. 2024 ([arXiv:2406.04093](https://arxiv.org/abs/2406.04093)), dictionary_learning's TopKTrainer (60ec6bf)",
  /**
   * 2e-4 / √(d_sae / 2¹⁴), the width scaling of Gao et al. figure 3 as dictionary_learning sets it.
   */
  defaultLr: ({ dSae }) => 2e-4 / Math.sqrt(dSae / 2 ** 14),
  defaultLrText: "2e-4 / √(d_sae / 2¹⁴)",
  spec(options) {
    const k = options.k ?? 32;
    if (!Number.isInteger(k) || k < 1 || k > options.dSae)
      throw expected("k", `an integer from 1 to d_sae (${options.dSae})`, k);
    const auxK = options.auxK === false ? undefined : options.auxK;
    return {
      name: "topk",
      tying: TYING.untiedUnit,
      selection: { kind: "topk", k, relu: true },
      decoderBias:
        options.decoderBias === "none" ? undefined : (options.decoderBias ?? "geometric_median"),
      lossReduction: "sum",
      l1: 0,
      auxK:
        options.auxK === false
          ? undefined
          : {
              coefficient: auxK?.coefficient ?? 1 / 32,
              kAux: auxK?.kAux ?? Math.max(1, Math.floor(options.dIn / 2)),
              deadAfterTokens: auxK?.deadAfterTokens ?? 10_000_000,
            },
      weightInit: options.weightInit ?? "unit_normal",
      clipNorm: options.clipNorm === false ? undefined : (options.clipNorm ?? 1),
    };
  },
};
