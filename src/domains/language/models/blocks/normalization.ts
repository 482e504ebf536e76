/**
 * @file LayerNorm and RMSNorm over the last axis, with the tensors before and after gain and bias
 *   named.
 */

import { inlineTensor } from "../../../../formats/onnx/tensors.ts";
import type { HookedGraph } from "../hooked-graph.ts";

export interface NormLayer {
  /** Name of the module in the checkpoint: its `.weight` (and `.bias`) are used. */
  readonly module: string;
  readonly width: number;
  readonly eps: number;
  /** Name in front of `.hook_normalized` and `.hook_out`, such as `blocks.3.ln1`. */
  readonly hook: string;
  /** Second names of `.hook_out`. */
  readonly aliases?: readonly string[];
}

/**
 * Names the normalised tensor, then its product with the gain plus the bias, as hooks. @returns The
 * latter.
 */
function scaled(
  graph: HookedGraph,
  normalized: string,
  layer: NormLayer,
  hasBias: boolean,
): string {
  const { module, width, hook, aliases = [] } = layer;
  const { builder } = graph;
  graph.hook(`${hook}.hook_normalized`, normalized, width);
  const output = `${hook}.hook_out`;
  const gain = graph.weight(`${module}.weight`, [width]);
  const product = builder.node("Mul", [normalized, gain], hasBias ? {} : { output });
  const out = hasBias
    ? builder.node("Add", [product, graph.weight(`${module}.bias`, [width])], { output })
    : product;
  return graph.hook(output, out, width, ...aliases);
}

/**
 * (x − mean) / √(variance + eps) · gain + bias. `hook_normalized` is the quotient, before gain and
 * bias, and `hook_out` the result.
 *
 * @returns Tensor of shape [batch · pos, width], after gain and bias.
 */
export function layerNorm(graph: HookedGraph, x: string, layer: NormLayer): string {
  const { builder } = graph;
  const ones = new Float32Array(layer.width).fill(1);
  const gain = builder.initializer(inlineTensor(`ones:${layer.width}`, [layer.width], ones));
  const normalized = builder.node("LayerNormalization", [x, gain], {
    output: `${layer.hook}.hook_normalized`,
    attributes: { axis: -1, epsilon: { float: layer.eps } },
  });
  return scaled(graph, normalized, layer, true);
}

/**
 * x / √(mean(x²) + eps) · gain. `hook_normalized` is the quotient, before the gain, and `hook_out`
 * the result.
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
  const normalized = builder.node("Div", [x, root], { output: `${layer.hook}.hook_normalized` });
  return scaled(graph, normalized, layer, false);
}
