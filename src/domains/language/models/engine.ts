/** @file What computes the activations of a language model. */

/**
 * - onnxruntime: every model.
 * - native: the backend's own forward pass, for checkpoints of the families that are built in. The
 *   rows of a window are the same whatever windows it runs with.
 */
export const ENGINES = ["onnxruntime", "native"] as const;

/** One of `ENGINES`. */
export type Engine = (typeof ENGINES)[number];
