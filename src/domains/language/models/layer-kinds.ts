/**
 * @file Which layers of a model see all tokens before them, and which only those in a window that
 *   slides along.
 */

import type { ModelConfig } from "./model-config.ts";

/** Kinds of layers, as `layer_types` of a config names them. */
export const LAYER_KINDS = ["full_attention", "sliding_attention"] as const;

/** A kind of layer. */
export type LayerKind = (typeof LAYER_KINDS)[number];

/**
 * The kind of each layer: its entry in `layer_types`, else what `fallback` says.
 *
 * @throws {ConcordError} `model/unsupported` when the list names another kind, or has another
 *   length than the model.
 */
export function layerKinds(
  config: ModelConfig,
  layers: number,
  fallback: (layer: number) => LayerKind,
): (layer: number) => LayerKind {
  const listed = config.raw("layer_types");
  if (listed === undefined) return fallback;
  if (!Array.isArray(listed) || listed.length !== layers)
    throw config.unsupported("layer_types", `a list of ${layers} layers was expected`);
  if (!listed.every((kind) => LAYER_KINDS.includes(kind)))
    throw config.unsupported("layer_types", `only ${LAYER_KINDS.join(" and ")} are implemented`);
  return (layer) => listed[layer];
}
