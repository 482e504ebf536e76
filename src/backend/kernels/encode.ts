/**
 * @file Kernels that turn centred activations into a code; see native/include/concord/encode.hpp.
 */

/** What determines how encoder weights are packed. `k` is 0 for `encodePositive`. */
export interface EncoderShape {
  readonly dIn: number;
  readonly dSae: number;
  readonly k: number;
}

/** The size of packed encoder weights, and how they are scored. */
export interface EncoderPacking {
  /** Size of the packed weights. Their layout belongs to the backend and is never stored. */
  readonly bytes: number;
  /**
   * The precision in which scores are first computed. After a screen in low precision, the best are
   * computed again in float32.
   */
  readonly screen: "int8" | "bfloat16" | "float32";
}

/** Arguments of `encodeTopK`: centred rows, the encoder and room for the code. */
export interface EncodeTopK extends EncoderShape {
  /** Centred activations [batch, d_in]. */
  readonly x: Float32Array;
  readonly batch: number;
  readonly W: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly packed: Uint8Array;
  /**
   * How many candidates beyond k a screen in low precision may keep; any value gives the same
   * result.
   */
  readonly margin: number;
  /** Write max(score, 0) instead of the score. */
  readonly relu: boolean;
  /** [batch, k], ascending in each row. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Arguments of `encodePositive`. `indices` and `values` may be too short; see the result. */
export interface EncodePositive extends Omit<EncoderShape, "k"> {
  readonly x: Float32Array;
  readonly batch: number;
  readonly W: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly packed: Uint8Array;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** The encoder: scores, and the ones that are kept. */
export interface EncodeKernels {
  encoderPacking(shape: EncoderShape): EncoderPacking;
  packEncoder(args: EncoderShape & { W: Float32Array; packed: Uint8Array }): Promise<void>;
  /**
   * Keeps the k largest scores ⟨x, W_f⟩ + bias_f of every row, exactly as in float32. Of equal
   * scores the lower index wins.
   *
   * @returns How many rows the screen could not certify and were computed again.
   * @throws {ConcordError} "numeric/not-finite" naming the first row that has a NaN among its
   *   scores, or fewer than k above −∞.
   */
  encodeTopK(args: EncodeTopK): Promise<number>;
  /**
   * Keeps all scores above zero.
   *
   * @returns The number of active latents. When it exceeds indices.length, indices and values were
   *   not written.
   * @throws {ConcordError} "numeric/not-finite" naming the first row that has a NaN among its
   *   scores.
   */
  encodePositive(args: EncodePositive): Promise<number>;
}
