/**
 * @file Two-dimensional convolution with channels last, by the trilinear form
 *
 *   T(x, W, y) = Σ x[n, h, w, i] W[a, b, i, o] y[n, p, q, o],
 *   h = stride · p + a − padding,  w = stride · q + b − padding,
 *
 *   with x zero outside its image. Its three derivatives are the convolution, the transposed
 *   convolution and the gradient of the weights of both; see
 *   native/include/concord/convolution.hpp.
 */

/** The shapes of x, W and y. */
export interface ConvolutionShape {
  /** x [images, height, width, channels] */
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** y [images, outHeight, outWidth, filters] */
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filters: number;
  /** W [kernelHeight, kernelWidth, channels, filters] */
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  /** Zeros around x on each side. */
  readonly padding: number;
}

/** Arguments of the three kernels; each writes one of `x`, `weights` and `y`. */
export interface Convolution extends ConvolutionShape {
  readonly x: Float32Array;
  readonly weights: Float32Array;
  readonly y: Float32Array;
  /** The result is added to what is there. Default false. */
  readonly accumulate?: boolean;
}

/** Arguments of `convolve` and `convolveBack`. */
export interface BiasedConvolution extends Convolution {
  /** Added to every position: [filters] of y, or [channels] of x. */
  readonly bias?: Float32Array | undefined;
}

/** The derivatives of the trilinear form. */
export interface ConvolutionKernels {
  /** y = ∂T/∂y + bias, the convolution. */
  convolve(args: BiasedConvolution): Promise<void>;
  /** x = ∂T/∂x + bias, the transposed convolution. */
  convolveBack(args: BiasedConvolution): Promise<void>;
  /** weights = ∂T/∂W. */
  convolveWeights(args: Convolution): Promise<void>;
}
