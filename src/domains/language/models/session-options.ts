/** @file What a language model may take of the machine. */

import type { RuntimeOptions } from "../../../inference/session.ts";
import type { ForwardBackend } from "./forward/forward-pass.ts";

/** What a language model may take of the machine. */
export interface SessionOptions extends RuntimeOptions {
  /**
   * Memory that logits and log-probabilities may take while a loss is computed (8 bytes · tokens ·
   * vocabulary); 128 MiB when left out. Larger batches are cut into groups of windows.
   */
  readonly logitBytes?: number;
  /** The backend that computes activations, instead of onnxruntime. Checkpoints only. */
  readonly forward?: ForwardBackend | undefined;
}
