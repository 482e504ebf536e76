/** @file LayerNorm and RMSNorm over the last axis, with the tensor that `hook_normalized` stands for named. */

import type { HookedGraph } from "../hooked-graph.ts";

export interface NormLayer {
  /** Name of the module in the checkpoint: its `.weight` (and `.bias`) are used. */
  readonly module: string;
  readonly width: number;
  readonly eps: number;
  /** Canonical hook name. */
  readonly hook: string;
  /** Second names of the hook. */
  readonly aliases?: readonly string[];
}

/**
 * (x − mean) / √(variance + eps) · gain + bias; the hook is this output.
 *
 * @returns Tensor of shape [batch · pos, width].
 */
export function layerNorm(graph: HookedGraph, x: string, layer: NormLayer): string {
  const gain = graph.weight(`${layer.module}.weight`, [layer.width]);
  const bias = graph.weight(`${layer.module}.bias`, [layer.width]);
  const output = graph.builder.node("LayerNormalization", [x, gain, bias], {
    output: layer.hook,
    attributes: { axis: -1, epsilon: { float: layer.eps } },
  });
  return graph.hook(layer.hook, output, layer.width, ...(layer.aliases ?? []));
}

/**
 * x / √(mean(x²) + eps) · gain; the hook is the quotient before the gain, and the aliases mean the output after it.
 *
 * @returns Tensor of shape [batch · pos, width], after the gain.
 */
export function rmsNorm(graph: HookedGraph, x: string, layer: NormLayer): string {
  const { builder } = graph;
  const square = builder.node("Mul", [x, x]);
  const mean = builder.node("ReduceMean", [square, builder.ints([-1])], {
    attributes: { keepdims: 1 },
  });
  const root = builder.node("Sqrt", [builder.node("Add", [mean, builder.float(layer.eps)])]);
  const normalized = builder.node("Div", [x, root], { output: layer.hook });
  graph.hook(layer.hook, normalized, layer.width);
  const gain = graph.weight(`${layer.module}.weight`, [layer.width]);
  const output = builder.node("Mul", [normalized, gain]);
  return graph.alias(output, layer.width, ...(layer.aliases ?? []));
}
