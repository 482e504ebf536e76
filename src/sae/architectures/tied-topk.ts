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
import { expected } from "../../errors.ts";
import type { Architecture } from "../architecture.ts";

/** `topk_tied`. */
export const tiedTopk: Architecture = {
  name: "topk_tied",
  summary: "k largest pre-activations, tied weights, no ReLU (Mutual Feature Regularization)",
  source:
    "Marks et al. 2024 ([arXiv:2411.01220](https://arxiv.org/abs/2411.01220)), mutual-feature-regularization (e9ec664)",
  /** What the authors' configs for real data have. */
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  spec(options) {
    const k = options.k ?? 32;
    if (!Number.isInteger(k) || k < 1 || k > options.dSae)
      throw expected("k", `an integer from 1 to d_sae (${options.dSae})`, k);
    const auxK = options.auxK === false ? undefined : options.auxK;
    return {
      name: "topk_tied",
      tying: TYING.tiedRaw,
      selection: { kind: "topk", k, relu: false },
      decoderBias: options.decoderBias === "none" ? undefined : (options.decoderBias ?? undefined),
      lossReduction: "mean",
      l1: 0,
      auxK:
        auxK === undefined
          ? undefined
          : {
              coefficient: auxK.coefficient ?? 1 / 32,
              kAux: auxK.kAux ?? Math.max(1, Math.floor(options.dIn / 2)),
              deadAfterTokens: auxK.deadAfterTokens ?? 10_000_000,
            },
      weightInit: options.weightInit ?? "orthogonal",
      clipNorm: options.clipNorm === false ? undefined : options.clipNorm,
    };
  },
};
