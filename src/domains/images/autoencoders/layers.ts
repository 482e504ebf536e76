/**
 * @file The layers that autoencoders of pictures are written in. A network is written once, and
 *   built from layers twice: on the tape to be trained, as an ONNX graph to be run.
 */

/** Kernel, stride and padding of a convolution, the same for both directions. */
export interface ConvolutionSettings {
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  /** Multiplies the weights that are drawn at the start. Default 1. */
  readonly gain?: number;
}

/**
 * Layers on a batch of tensors. Shapes are those of one picture's tensor, channels last. A layer
 * with weights has a name of its own, under which they are kept.
 *
 * @template T A tensor: of the tape, or of a graph.
 */
export interface Layers<T> {
  /** Of one picture, without the batch. */
  shapeOf(x: T): readonly number[];
  /** x Wᵀ + b over the last axis, which becomes `to` long. */
  linear(x: T, name: string, to: number): T;
  /** A convolution with bias: [height, width, channels] to [height / stride, …, filters]. */
  convolution(x: T, name: string, settings: ConvolutionSettings): T;
  /** Its transpose with bias: [height, width, channels] to [height · stride, …, filters]. */
  transposedConvolution(x: T, name: string, settings: ConvolutionSettings): T;
  relu(x: T): T;
  gelu(x: T): T;
  /** Layer norm over the last axis. */
  layerNorm(x: T, name: string): T;
  add(x: T, y: T): T;
  /** Adds numbers that are learnt, the same for every picture, of the shape of x. */
  addLearnt(x: T, name: string): T;
  /** softmax(q kᵀ / √(width / heads)) v per head; q, k and v are [tokens, width]. */
  attention(q: T, k: T, v: T, heads: number): T;
  reshape(x: T, shape: readonly number[]): T;
}

/** Sizes of an autoencoder. */
export interface NetworkSizes {
  /** Height and width of a picture, pixels. */
  readonly size: number;
  readonly channels: number;
  /** Length of the latent vector. */
  readonly latent: number;
}

/** A network that makes a vector of a picture, and a picture of the vector. */
export interface Network {
  readonly name: string;
  /**
   * Whether pictures of this size fit.
   *
   * @returns What would fit instead, or undefined.
   */
  refuses(size: number): string | undefined;
  /** [size, size, channels] to [latent]. */
  encode<T>(layers: Layers<T>, picture: T, sizes: NetworkSizes): T;
  /** [latent] to [size, size, channels]. */
  decode<T>(layers: Layers<T>, latent: T, sizes: NetworkSizes): T;
}
