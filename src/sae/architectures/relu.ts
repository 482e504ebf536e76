/**
 * @file ReLU with an L1 penalty, untied: the encoder is free, the decoder's rows are normalised in
 *   the forward pass.
 *
 *   z = ReLU(x W_enc + b_enc),  x̂ = z · D / ‖D‖_row
 *   L = mean over batch and d_in of (x − x̂)² + α mean_b Σ|z|
 *
 * Cunningham et al. 2023 (arXiv:2309.08600), following FunctionalSAE of HoagyC/sparse_coding
 * (69c5ae0). Their optional bias decay is not offered. With `decoder_bias: mean` it is the
 * AnthropicSAE of the universality study (shift at input and output).
 */

import { TYING } from "../../backend/backend.ts";
import { expected } from "../../errors.ts";
import type { Architecture, ArchitectureOptions, ArchitectureSpec } from "../architecture.ts";

/** α of the published Pythia dictionaries' sweep, index 7 of logspace(−4, −2, 16). */
const DEFAULT_L1 = 8.577e-4;

/** The spec that both ReLU architectures share. */
export function reluSpec(
  name: string,
  tying: ArchitectureSpec["tying"],
  options: ArchitectureOptions,
): ArchitectureSpec {
  const l1 = options.l1 ?? DEFAULT_L1;
  if (!(l1 >= 0 && Number.isFinite(l1))) throw expected("l1", "a number from 0", l1);
  if (options.auxK)
    throw expected("aux_k", `nothing with ${name} (AuxK belongs to TopK)`, options.auxK);
  return {
    name,
    tying,
    selection: { kind: "relu" },
    decoderBias: options.decoderBias === "none" ? undefined : options.decoderBias,
    lossReduction: "mean",
    l1,
    auxK: undefined,
    weightInit: options.weightInit ?? "xavier_uniform",
    clipNorm: options.clipNorm === false ? undefined : options.clipNorm,
  };
}

/** `relu`. */
export const relu: Architecture = {
  name: "relu",
  summary: "ReLU with an L1 penalty, untied, normalised decoder (sparse coding ensembles)",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), sparse_coding's FunctionalSAE (69c5ae0)",
  defaultLr: () => 1e-3,
  defaultLrText: "1e-3",
  spec: (options) => reluSpec("relu", TYING.untiedNormalized, options),
};
