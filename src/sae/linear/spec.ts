/**
 * @file What the fused step needs to know of an SAE with a linear encoder, a sparse activation and
 *   a linear decoder. Files in `architectures/` put it together from a person's options.
 */

import type { Tying } from "../../backend/backend.ts";

/** How latents become active. */
export type Selection =
  /** The k largest scores of a row; `relu` sets negative ones to zero. */
  | { readonly kind: "topk"; readonly k: number; readonly relu: boolean }
  /** Every score above zero. */
  | { readonly kind: "relu" };

/** Dead latents learn to reconstruct what the others leave over (Gao et al. 2024, appendix A.2). */
export interface AuxK {
  readonly coefficient: number;
  /** Dead latents per row that take part; capped by how many are dead. */
  readonly kAux: number;
  /** A latent is dead when it has not fired for this many activations. */
  readonly deadAfterTokens: number;
}

/** How b_dec starts. */
export type DecoderBiasInit = "geometric_median" | "mean" | "zero";

/** Everything about an SAE that the fused step needs to know. */
export interface LinearSpec {
  /** The architecture's name. */
  readonly name: string;
  readonly tying: Tying;
  readonly selection: Selection;
  /** b_dec is subtracted from the input and added to the output; undefined: there is none. */
  readonly decoderBias: DecoderBiasInit | undefined;
  /** The reconstruction loss is a mean over the batch of the sum, or of the mean, over d_in. */
  readonly lossReduction: "sum" | "mean";
  /** Coefficient of the mean over the batch of Σ|latent activation|. */
  readonly l1: number;
  readonly auxK: AuxK | undefined;
  readonly weightInit: "unit_normal" | "xavier_uniform" | "orthogonal";
  /** Global gradient norm above which all gradients are scaled down; undefined: never. */
  readonly clipNorm: number | undefined;
}
