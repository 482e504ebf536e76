/**
 * @file What the fused step needs to know of an SAE with a linear encoder, a sparse activation and
 *   a linear decoder. Files in `architectures/` put it together from a person's options.
 */

import type { Tying } from "../../backend/backend.ts";
import type { CentroidSettings } from "../init/centroids.ts";

/** How latents become active. */
export type Selection =
  /** The k largest scores of a row; `relu` sets negative ones to zero. */
  | { readonly kind: "topk"; readonly k: number; readonly relu: boolean }
  /** Every score above zero. */
  | { readonly kind: "relu" }
  /** Every score that is above zero with b_enc, as it is without b_enc. */
  | { readonly kind: "reverse" }
  /** The k · batch largest positive scores of a batch. */
  | {
      readonly kind: "batchtopk";
      readonly k: number;
      /** Share of the newest batch in the running threshold. */
      readonly thresholdLr: number;
      /** Nested prefixes of the dictionary that must reconstruct by themselves; 1: none. */
      readonly prefixes: number;
    }
  /** Every score above a threshold of its latent that is learnt. */
  | {
      readonly kind: "jumprelu";
      readonly initialThreshold: number;
      /** Width of the rectangle in which scores have a say in the threshold. */
      readonly bandwidth: number;
      readonly penalty: "step" | "tanh";
      readonly tanhScale: number;
      /** Coefficient of the penalty, from 0 over the first `warmupSteps`. */
      readonly coefficient: number;
      readonly warmupSteps: number;
      /** Whether the straight-through estimate reaches the scores, too. */
      readonly steToInput: boolean;
    }
  /** Where a gate is open, a magnitude with parameters of its own. */
  | { readonly kind: "gated"; readonly coefficient: number; readonly warmupSteps: number };

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
  /**
   * b_dec is subtracted from the input and added to the output. A number: all of b_dec, which then
   * stays so. Undefined: there is none.
   */
  readonly decoderBias: DecoderBiasInit | number | undefined;
  /** The reconstruction loss is a mean over the batch of the sum, or of the mean, over d_in. */
  readonly lossReduction: "sum" | "mean";
  /** Coefficient of the mean over the batch of Σ|latent activation|. */
  readonly l1: number;
  readonly auxK: AuxK | undefined;
  /** k_means: directions of centroids of training rows, see start-on-centroids.ts. */
  readonly weightInit: "unit_normal" | "xavier_uniform" | "orthogonal" | "k_means";
  /** Which centroids; undefined: none are needed. */
  readonly centroids?: CentroidSettings | undefined;
  /** Global gradient norm above which all gradients are scaled down; undefined: never. */
  readonly clipNorm: number | undefined;
  /** λ of the penalty on the squared lengths of free weights. */
  readonly weightDecay?: number | undefined;
  /** β of the penalty β‖b_enc‖₂. */
  readonly biasDecay?: number | undefined;
  /** What b_enc starts as. Default 0. */
  readonly encoderBiasStart?: number;
  /** Whether weights start and stay at 0 or above; for tiedNormalized. */
  readonly nonNegative?: boolean;
  /** Weights that stay as they started. */
  readonly freeze?: "decoder" | "encoder" | undefined;
  /** Least cosine of an atom with its start. */
  readonly maxRotation?: number | undefined;
  /** Whether ⟨encoder row, atom⟩ is held at 1. */
  readonly aligned?: boolean | undefined;
}
