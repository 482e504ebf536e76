/**
 * @file What an architecture is. Every one here has a linear encoder, a sparse activation and a
 *   linear decoder, so that one training step (`train-step.ts`) serves them all; a file in
 *   `architectures/` says how its member of the family is put together, with which defaults, and
 *   where they come from.
 */

import type { Tying } from "../backend/backend.ts";

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

/** Everything about an architecture that its training step needs to know, defaults filled in. */
export interface ArchitectureSpec {
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

/**
 * Options of a member; what is left out has the architecture's default, which docs/config.md lists.
 */
export interface ArchitectureOptions {
  /** Width of an activation. */
  readonly dIn: number;
  /** Latents. */
  readonly dSae: number;
  /** Active latents of a row, TopK only. */
  readonly k?: number | undefined;
  /** Coefficient of the L1 penalty, ReLU only. */
  readonly l1?: number | undefined;
  /** How b_dec starts, or that there is none. */
  readonly decoderBias?: DecoderBiasInit | "none" | undefined;
  /** AuxK for dead latents, TopK only; false: none. */
  readonly auxK?: Partial<AuxK> | false | undefined;
  /** Global gradient norm to clip at; false: never. */
  readonly clipNorm?: number | false | undefined;
  /** How weights are drawn. */
  readonly weightInit?: ArchitectureSpec["weightInit"] | undefined;
}

/** A member of the family: its defaults, and how it is put together. */
export interface Architecture {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Where loss, initialisation and defaults come from, for the docs. */
  readonly source: string;
  /** Learning rate when the config gives none. */
  defaultLr(options: ArchitectureOptions): number;
  /** The formula of `defaultLr`, for the docs. */
  readonly defaultLrText: string;
  /** @throws {ConcordError} "argument/invalid" naming the option that does not fit. */
  spec(options: ArchitectureOptions): ArchitectureSpec;
}
