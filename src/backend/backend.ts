/**
 * @file The kernels that training is made of, as one interface. It has two implementations:
 *   `reference/`, in plain TypeScript, slow and obviously right, and `native/`, the C++ core.
 *   Nothing above this folder knows which one runs.
 *
 * Conventions. Matrices are row-major float32. Weights have one latent per row, [d_sae, d_in].
 * Arrays are read and written in place, and belong to the kernel until its promise settles. A code
 * is CSR {indptr [batch+1], indices [nnz], values [nnz]} with indices ascending in each row.
 * Implementations check shapes, and throw ShapeError or an error with code "shape/mismatch".
 */

import type { ActivationKernels } from "./kernels/activation.ts";
import type { ConvertKernels } from "./kernels/convert.ts";
import type { ConvolutionKernels } from "./kernels/convolution.ts";
import type { DenseKernels } from "./kernels/dense.ts";
import type { EncodeKernels } from "./kernels/encode.ts";
import type { ForwardKernels } from "./kernels/forward.ts";
import type { RandomKernels } from "./kernels/random.ts";
import type { SearchKernels } from "./kernels/search.ts";
import type { SimilarityKernels } from "./kernels/similarity.ts";
import type { SparseKernels } from "./kernels/sparse.ts";
import type { SyntheticKernels } from "./kernels/synthetic.ts";
import type { UpdateKernels } from "./kernels/update.ts";

export * from "./kernels/activation.ts";
export * from "./kernels/convert.ts";
export * from "./kernels/convolution.ts";
export * from "./kernels/dense.ts";
export * from "./kernels/encode.ts";
export * from "./kernels/forward.ts";
export * from "./kernels/random.ts";
export * from "./kernels/search.ts";
export * from "./kernels/similarity.ts";
export * from "./kernels/sparse.ts";
export * from "./kernels/synthetic.ts";
export * from "./kernels/update.ts";

/**
 * The kernels, and memory for them. All implementations give the same results up to the rounding of
 * float32. Each gives the same bytes every time, whatever its number of threads.
 */
export interface Backend
  extends EncodeKernels,
    SparseKernels,
    UpdateKernels,
    DenseKernels,
    ActivationKernels,
    ConvolutionKernels,
    ForwardKernels,
    SearchKernels,
    SimilarityKernels,
    RandomKernels,
    SyntheticKernels,
    ConvertKernels {
  readonly name: "native" | "reference";
  /** Instruction set of the native core, or "typescript". */
  readonly isa: string;
  readonly threads: number;

  /** Zeroed memory that kernels read fastest. */
  float32(length: number): Float32Array;
  int32(length: number): Int32Array;
  bytes(length: number): Uint8Array;
}
