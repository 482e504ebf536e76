/**
 * @file TopK, untied: the k largest pre-activations of a row survive, decoder atoms have unit norm.
 *
 *   z = TopK(ReLU((x − b_dec) W_enc + b_enc)),  x̂ = z W_dec + b_dec
 *   L = mean_b ‖x − x̂‖² + α AuxK
 *
 * Gao et al. 2024 (arXiv:2406.04093); losses, initialisation, projection, clipping and AuxK as in
 * dictionary_learning's TopKTrainer (60ec6bf). We differ in two points. Initial atoms are normal
 * instead of uniform before normalisation, and a latent counts as fired only when its activation is
 * not zero.
 */

import { TYING } from "../../backend/backend.ts";
import { expected } from "../../errors.ts";
import type { SaeShape } from "../architecture.ts";
import { linearArchitecture, type Resolved } from "../linear/linear-architecture.ts";
import type { AuxK, LinearSpec } from "../linear/spec.ts";
import { auxK, auxKDefaults, clipNorm, decoderBias, k, weightInit } from "../options.ts";

/** What the TopK architectures listen to. */
export const TOPK_OPTIONS = { k, decoderBias, weightInit, clipNorm, auxK };

/** What of a spec follows from the options of the TopK architectures. */
export function topkSpec(options: Resolved<typeof TOPK_OPTIONS>, { dIn, dSae }: SaeShape) {
  const { k, decoderBias, weightInit, clipNorm, auxK } = options;
  if (!Number.isInteger(k) || k < 1 || k > dSae)
    throw expected("k", `an integer from 1 to d_sae (${dSae})`, k);
  const spec: Pick<LinearSpec, "l1" | "decoderBias" | "weightInit" | "clipNorm" | "auxK"> = {
    l1: 0,
    decoderBias: decoderBias === "none" ? undefined : decoderBias,
    weightInit,
    clipNorm: clipNorm === false ? undefined : clipNorm,
    auxK: auxK === false ? undefined : ({ ...auxKDefaults(dIn), ...auxK } as AuxK),
  };
  return { k, ...spec };
}

/** `topk`. */
export const topk = linearArchitecture({
  name: "topk",
  summary: "k largest pre-activations, untied, unit-norm atoms, AuxK for dead latents",
  source:
    "Gao et al. 2024 ([arXiv:2406.04093](https://arxiv.org/abs/2406.04093)), dictionary_learning's TopKTrainer (60ec6bf)",
  /**
   * 2e-4 / √(d_sae / 2¹⁴), the width scaling of Gao et al. figure 3 as dictionary_learning sets it.
   */
  defaultLr: ({ dSae }) => 2e-4 / Math.sqrt(dSae / 2 ** 14),
  defaultLrText: "2e-4 / √(d_sae / 2¹⁴)",
  loss: "mean over the batch of the sum over d_in",
  options: TOPK_OPTIONS,
  defaults: ({ dIn }) => ({
    k: 32,
    decoderBias: "geometric_median",
    weightInit: "unit_normal",
    clipNorm: 1,
    auxK: auxKDefaults(dIn),
  }),
  sections: ({ dIn }) => ({ auxK: auxKDefaults(dIn) }),
  leastLatents: ({ k }) => Number(k),
  spec(options, shape) {
    const { k, ...rest } = topkSpec(options, shape);
    return {
      name: "topk",
      tying: TYING.untiedUnit,
      selection: { kind: "topk", k, relu: true },
      lossReduction: "sum",
      ...rest,
    };
  },
});
