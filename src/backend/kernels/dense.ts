/** @file Kernels on dense matrices; see native/include/concord/dense.hpp. */

/** Arguments of `gemm`: row-major matrices a, b and c. */
export interface Gemm {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0. */
  readonly beta?: number;
}

/** Arguments of `center`: rows [batch, d_in] and what to subtract from each; `out` may be `x`. */
export interface Center {
  readonly x: Float32Array;
  readonly offset?: Float32Array | undefined;
  readonly batch: number;
  readonly dIn: number;
  readonly out: Float32Array;
}

/** Rows [count, columns] scaled to length one; rows of zeros stay zero. `unit` may be `rows`. */
export interface NormalizeRows {
  readonly rows: Float32Array;
  readonly unit: Float32Array;
  readonly count: number;
  readonly columns: number;
}

/** scores = max(scores + bias, 0) in place on [batch, d_sae]; NaN stays NaN. */
export interface BiasRelu {
  readonly scores: Float32Array;
  readonly bias?: Float32Array | undefined;
  readonly batch: number;
  readonly dSae: number;
  /** Positive scores per row, [batch]. */
  readonly active: Int32Array;
  /** Their sum per row, [batch]. */
  readonly sum: Float32Array;
}

/** Arguments of `maskGradient`: the derivative of a ReLU with an L1 penalty. */
export interface MaskGradient {
  readonly grad: Float32Array;
  readonly code: Float32Array;
  readonly n: number;
  readonly scale: number;
  readonly l1: number;
}

/** out_i = row index_i of a matrix with `columns` columns. */
export interface GatherRows {
  readonly matrix: Float32Array;
  readonly index: Int32Array;
  readonly count: number;
  readonly columns: number;
  readonly out: Float32Array;
}

/** Matrix products, and operations on rows. */
export interface DenseKernels {
  /** c = alpha · op(a) op(b) + beta · c, op(a) [m, k], op(b) [k, n]. */
  gemm(args: Gemm): Promise<void>;
  /**
   * out = x − offset.
   *
   * @returns The first row with a value that is not finite, or −1.
   */
  center(args: Center): Promise<number>;
  normalizeRows(args: NormalizeRows): Promise<void>;
  biasRelu(args: BiasRelu): Promise<void>;
  /** grad = code > 0 ? grad · scale + l1 : 0. */
  maskGradient(args: MaskGradient): Promise<void>;
  gatherRows(args: GatherRows): Promise<void>;
}
