/** @file What the forward pass of the fused step leaves for the backward pass. */

import type { Forward } from "../trainable.ts";
import type { Found } from "./rules/rule.ts";

/** The code and the residual are in the workspace, the weights untouched. */
export interface LinearForward extends Forward, Found {
  /** x − b_dec, [batch, d_in]. */
  readonly centred: Float32Array;
  readonly squaredError: number;
  /** The gradient of the residual is this times the residual. */
  readonly residualScale: number;
}
