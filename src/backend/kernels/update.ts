/**
 * @file Kernels that form gradients and take a step of Adam; see native/include/concord/update.hpp.
 */

/**
 * Which parameter the unit decoder rows are made from; see `Tying` in
 * native/include/concord/update.hpp.
 */
export const TYING = {
  untiedUnit: 0,
  untiedNormalized: 1,
  tiedRaw: 2,
  tiedNormalized: 3,
} as const;
/** One of `TYING`. */
export type Tying = (typeof TYING)[keyof typeof TYING];

/** A parameter and its two Adam moments, all of one length. */
export interface AdamState {
  readonly parameter: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Adam's constants in one step, as PyTorch has them. */
export interface AdamOptions {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** 1 − beta1^t and 1 − beta2^t. */
  readonly correction1: number;
  readonly correction2: number;
}

/**
 * Where gradient rows come from: Σ latentGrads · x for the encoder, residualScale · Σ latentValues
 * · residual for the decoder.
 */
export interface SparseGradient {
  readonly latentIndptr: Int32Array;
  readonly rows: Int32Array;
  readonly latentValues: Float32Array;
  readonly latentGrads: Float32Array;
  readonly x: Float32Array;
  readonly residual: Float32Array;
  readonly residualScale: number;
}

/** What the gradients of a member's weights are made of. */
export interface GradientParts {
  readonly dIn: number;
  readonly dSae: number;
  readonly tying: Tying;
  /** Not with tiedNormalized. */
  readonly encoder?: AdamState | undefined;
  /** Not with tiedRaw; with untiedUnit its parameter is `unit`. */
  readonly raw?: AdamState | undefined;
  readonly unit: Float32Array;
  readonly bias?: AdamState | undefined;
  readonly biasGrad?: Float32Array | undefined;
  readonly sources: readonly SparseGradient[];
  /**
   * Dense gradients [d_sae, d_in] with respect to the encoder, the unit rows and the raw parameter.
   */
  readonly denseEncoder?: Float32Array | undefined;
  readonly denseUnit?: Float32Array | undefined;
  readonly denseRaw?: Float32Array | undefined;
  /**
   * Where `gradientNorm` may leave the gradients of encoder and raw, [d_sae, d_in], before
   * clipping, for an `update` of the same parts to take; without them `update` forms the gradients
   * itself.
   */
  readonly keptEncoder?: Float32Array | undefined;
  readonly keptRaw?: Float32Array | undefined;
}

/** Arguments of `gradientNorm`: before clipping, by latent, its bias included. */
export interface GradientNorm extends GradientParts {
  /** Squared norm of each latent's gradient, [d_sae]. */
  readonly norm2: Float32Array;
}

/** Arguments of `update`: the gradients, how they are scaled, and what else to renew. */
export interface Update extends GradientParts {
  /** Every gradient is multiplied by it. */
  readonly clip: number;
  readonly adam: AdamOptions;
  /** By how much each unit row moves is added to it, [d_sae]. */
  readonly moved?: Float32Array | undefined;
  /** Packed encoder weights to renew, with the k they were packed for. */
  readonly packed?: Uint8Array | undefined;
  readonly k?: number;
}

/** One step of Adam on a vector of `n` elements with its gradient given. */
export interface UpdateVector extends AdamState {
  readonly gradient: Float32Array;
  readonly clip: number;
  readonly n: number;
  readonly adam: AdamOptions;
}

/** Gradients and the optimiser. */
export interface UpdateKernels {
  /**
   * One step of Adam on every latent's rows and bias, with the gradients of `args`, clipped; unit
   * rows and packed weights are renewed.
   *
   * @returns The first latent whose parameters or unit row are not finite afterwards, or −1.
   */
  update(args: Update): Promise<number>;
  gradientNorm(args: GradientNorm): Promise<void>;
  updateVector(args: UpdateVector): Promise<void>;
}
