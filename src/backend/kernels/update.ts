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
  /** 1 − beta1^t; the next is 1 − beta2^t. */
  readonly correction1: number;
  readonly correction2: number;
}

/**
 * The parts that gradient rows are summed from: Σ latentGrads · x for the encoder, residualScale ·
 * Σ latentValues · residual for the decoder.
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

/** The parts that the gradients of a member's weights are made of. */
export interface GradientParts {
  readonly dIn: number;
  readonly dSae: number;
  readonly tying: Tying;
  /** Absent with tiedNormalized. */
  readonly encoder?: AdamState | undefined;
  /** Absent with tiedRaw. With untiedUnit its parameter is `unit`. */
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
   * Room for the gradients of encoder and raw before clipping, [d_sae, d_in]. `gradientNorm` leaves
   * them there for an `update` of the same parts. Without them, `update` forms the gradients
   * itself.
   */
  readonly keptEncoder?: Float32Array | undefined;
  readonly keptRaw?: Float32Array | undefined;
}

/** Arguments of `gradientNorm`. Norms are per latent, before clipping, with the bias included. */
export interface GradientNorm extends GradientParts {
  /** Squared norm of each latent's gradient, [d_sae]. */
  readonly norm2: Float32Array;
}

/** Arguments of `update`: the gradients, their scale, and what else to bring up to date. */
export interface Update extends GradientParts {
  /** Multiplies every gradient. */
  readonly clip: number;
  readonly adam: AdamOptions;
  /** The distance that each unit row moves is added to it, [d_sae]. */
  readonly moved?: Float32Array | undefined;
  /** Packed encoder weights to bring up to date, with the k that they were packed for. */
  readonly packed?: Uint8Array | undefined;
  readonly k?: number;
}

/** Arguments of `updateVector`: one step of Adam on `n` elements whose gradient is given. */
export interface UpdateVector extends AdamState {
  readonly gradient: Float32Array;
  readonly clip: number;
  readonly n: number;
  readonly adam: AdamOptions;
}

/** Gradients and the optimiser. */
export interface UpdateKernels {
  /**
   * Takes one step of Adam on every latent's rows and bias, with the clipped gradients of `args`.
   * Then brings unit rows and packed weights up to date.
   *
   * @returns The first latent whose parameters or unit row are not finite afterwards, or −1.
   */
  update(args: Update): Promise<number>;
  gradientNorm(args: GradientNorm): Promise<void>;
  updateVector(args: UpdateVector): Promise<void>;
}
