/** @file Activation functions; see native/include/concord/activation.hpp. */

/**
 * The functions that `activate` knows; `Activation` in native/include/concord/activation.hpp.
 *
 * - relu: max(x, 0)
 * - gelu: x Φ(x), Φ the normal distribution function
 * - silu: x / (1 + exp(−x))
 * - tanh: tanh(x)
 * - sigmoid: 1 / (1 + exp(−x))
 */
export const ACTIVATION = { relu: 0, gelu: 1, silu: 2, tanh: 3, sigmoid: 4 } as const;
/** One of `ACTIVATION`. */
export type Activation = (typeof ACTIVATION)[keyof typeof ACTIVATION];

/** Arguments of `activate`: out = f(x) on n elements. */
export interface Activate {
  readonly kind: Activation;
  readonly x: Float32Array;
  readonly out: Float32Array;
  readonly n: number;
}

/** Arguments of `activateGradient`: out = grad · f′(x) on n elements. */
export interface ActivateGradient {
  readonly kind: Activation;
  readonly x: Float32Array;
  readonly grad: Float32Array;
  readonly out: Float32Array;
  readonly n: number;
  /** out += instead. Default false. */
  readonly accumulate?: boolean;
}

/** Activation functions, element by element; NaN stays NaN. */
export interface ActivationKernels {
  activate(args: Activate): Promise<void>;
  /** Its derivative times a gradient. That of relu is 0 at 0. */
  activateGradient(args: ActivateGradient): Promise<void>;
}
