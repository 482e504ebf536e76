/** @file What the forward pass of the fused step leaves for the backward pass. */

import type { Forward } from "../trainable.ts";

/** The code and the residual are in the workspace, the weights untouched. */
export interface LinearForward extends Forward {
  /** x − b_dec, [batch, d_in]. */
  readonly centred: Float32Array;
  /** Mean over the batch of ‖target − x̂‖². */
  readonly squaredError: number;
  /** Mean number of active latents per row. */
  readonly l0: number;
  /** Mean over the batch of Σ|z|. */
  readonly l1: number;
  readonly redoneRows: number;
  /** The gradient of the residual is this times the residual. */
  readonly residualScale: number;
  /** Gradients as dense matrices, when the dense path was taken. */
  readonly dense: { readonly encoder: Float32Array; readonly unit: Float32Array } | undefined;
}
