/**
 * @file Kernels on codes: reconstruction, its gradient, and the code by latent; see
 *   native/include/concord/sparse.hpp.
 */

/** The code of a batch. */
export interface Code {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/**
 * Arguments of `decode`: a code, the decoder, the target of the reconstruction, and room for the
 * residual.
 */
export interface Decode extends Code {
  readonly batch: number;
  readonly dIn: number;
  /** Unit rows [d_sae, d_in]. */
  readonly wDec: Float32Array;
  readonly target: Float32Array;
  readonly targetScale: number;
  /** residual = code · wDec − targetScale · target, [batch, d_in]. */
  readonly residual: Float32Array;
  /** ‖residual‖² per row, [batch]. */
  readonly rowLoss: Float32Array;
  /**
   * If given, it becomes residualScale · ⟨residual, wDec row⟩ + l1, [nnz]; zero where positiveOnly
   * and the value is not positive.
   */
  readonly codeGrad?: Float32Array;
  readonly residualScale?: number;
  readonly l1?: number;
  readonly positiveOnly?: boolean;
}

/** Arguments of `transpose`: a code with its gradient, and room for both ordered by latent. */
export interface Transpose extends Code {
  readonly batch: number;
  readonly dSae: number;
  readonly codeGrad: Float32Array;
  /** [d_sae + 1] */
  readonly latentIndptr: Int32Array;
  /** [nnz], ascending for each latent. */
  readonly rows: Int32Array;
  readonly latentValues: Float32Array;
  readonly latentGrads: Float32Array;
  /** Sum of codeGrad per latent, [d_sae]. */
  readonly biasGrad: Float32Array;
  /** Rows in which each latent is not zero, and the sum of its magnitudes; [d_sae]. */
  readonly activeRows: Int32Array;
  readonly magnitudes: Float64Array;
}

/**
 * Arguments of `weightedRowSum`: out_j = Σ_r weight_r matrix_rj for a matrix [rows, columns].
 * Weights are 1 by default.
 */
export interface WeightedRowSum {
  readonly matrix: Float32Array;
  readonly weight?: Float32Array | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly out: Float32Array;
}

/** Operations on a code. */
export interface SparseKernels {
  decode(args: Decode): Promise<void>;
  transpose(args: Transpose): Promise<void>;
  weightedRowSum(args: WeightedRowSum): Promise<void>;
}
