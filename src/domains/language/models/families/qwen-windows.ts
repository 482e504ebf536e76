/** @file Sliding windows of Qwen 2 and 3, which are off unless the config switches them on. */

import { type LayerKind, layerKinds } from "../layer-kinds.ts";
import type { ModelConfig } from "../model-config.ts";

/**
 * The window, and which layers have it: those that `layer_types` names, else all from
 * `max_window_layers` (28) on.
 *
 * @throws {ConcordError} `model/unsupported` where a listed layer slides and windows are off.
 */
export function qwenWindows(
  config: ModelConfig,
  layers: number,
): { window: number | undefined; kindOf: (layer: number) => LayerKind } {
  const isOn = config.boolean("use_sliding_window", false);
  const window = isOn ? config.sizeOrNull("sliding_window", 4096) : undefined;
  const listed = config.raw("layer_types");
  if (window === undefined && Array.isArray(listed) && listed.includes("sliding_attention"))
    throw config.unsupported(
      isOn ? "sliding_window" : "use_sliding_window",
      '"layer_types" has layers with sliding attention, which need a window',
    );
  const first = config.number("max_window_layers", 28);
  const kindOf = layerKinds(config, layers, (layer) =>
    window !== undefined && layer >= first ? "sliding_attention" : "full_attention",
  );
  return { window, kindOf };
}
