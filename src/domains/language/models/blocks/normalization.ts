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
  /** Added to the stored gain: 1 where a checkpoint stores gains less 1, as Gemma does. */
  readonly gainOffset?: number | undefined;
  /** Second names of `.hook_out`. */
  readonly aliases?: readonly string[];
}

type Kind = "layer" | "rms";

/** The quotient of a norm, before gain and bias. */
function quotient(graph: HookedGraph, x: string, kind: Kind, layer: NormLayer, output?: string) {
  const { builder } = graph;
  const named = output === undefined ? {} : { output };
  if (kind === "layer") {
    const ones = new Float32Array(layer.width).fill(1);
    const gain = builder.initializer(inlineTensor(`ones:${layer.width}`, [layer.width], ones));
    return builder.node("LayerNormalization", [x, gain], {
      ...named,
      attributes: { axis: -1, epsilon: { float: layer.eps } },
    });
  }
  const square = builder.node("Mul", [x, x]);
  const mean = builder.node("ReduceMean", [square, builder.ints([-1])], {
    attributes: { keepdims: 1 },
  });
  const root = builder.node("Sqrt", [builder.node("Add", [mean, builder.float(layer.eps)])]);
  return builder.node("Div", [x, root], named);
}

/** The quotient times the gain; of a LayerNorm, plus the bias. */
function scaled(
  graph: HookedGraph,
  normalized: string,
  kind: Kind,
  { module, width, gainOffset }: NormLayer,
  output?: string,
): string {
  const { builder } = graph;
  const named = output === undefined ? {} : { output };
  const stored = graph.weight(`${module}.weight`, [width]);
  const gain =
    gainOffset === undefined ? stored : builder.node("Add", [stored, builder.float(gainOffset)]);
  const product = builder.node("Mul", [normalized, gain], kind === "rms" ? named : {});
  if (kind === "rms") return product;
  return builder.node("Add", [product, graph.weight(`${module}.bias`, [width])], named);
}

/** Records a norm with gain and bias, of each head by itself. */
function recordNorm(
  graph: HookedGraph,
  x: string,
  out: string,
  kind: Kind,
  { module, eps, gainOffset }: NormLayer,
  heads = 1,
): void {
  graph.step({
    kind: "norm",
    out,
    a: x,
    norm: kind,
    eps,
    heads,
    gain: graph.stored(`${module}.weight`),
    ...(gainOffset === undefined ? {} : { gainOffset }),
    ...(kind === "layer" ? { bias: graph.stored(`${module}.bias`) } : {}),
  });
}

/** A norm with the tensors before and after gain and bias as hooks. @returns The latter. */
function hookedNorm(graph: HookedGraph, x: string, kind: Kind, layer: NormLayer): string {
  const { width, hook, aliases = [] } = layer;
  const normalized = quotient(graph, x, kind, layer, `${hook}.hook_normalized`);
  graph.step({ kind: "norm", out: normalized, a: x, norm: kind, eps: layer.eps, heads: 1 });
  graph.hook(`${hook}.hook_normalized`, normalized, width);
  const out = scaled(graph, normalized, kind, layer, `${hook}.hook_out`);
  recordNorm(graph, x, out, kind, layer);
  return graph.hook(`${hook}.hook_out`, out, width, ...aliases);
}

/**
 * (x − mean) / √(variance + eps) · gain + bias. `hook_normalized` is the quotient, before gain and
 * bias, and `hook_out` the result.
 *
 * @returns Tensor of shape [batch · pos, width], after gain and bias.
 */
export function layerNorm(graph: HookedGraph, x: string, layer: NormLayer): string {
  return hookedNorm(graph, x, "layer", layer);
}

/**
 * x / √(mean(x²) + eps) · gain. `hook_normalized` is the quotient, before the gain, and `hook_out`
 * the result.
 *
 * @returns Tensor of shape [batch · pos, width], after the gain.
 */
export function rmsNorm(graph: HookedGraph, x: string, layer: NormLayer): string {
  return hookedNorm(graph, x, "rms", layer);
}

/**
 * A norm of every head of queries or keys by itself, with one gain for all heads. The result is
 * `hook_out`.
 *
 * @param x     Tensor of shape [batch · pos, heads · width].
 * @param layer Its width is that of a head.
 * @returns Tensor of the same shape.
 */
export function headNorm(
  graph: HookedGraph,
  x: string,
  kind: Kind,
  heads: number,
  layer: NormLayer,
): string {
  const { builder } = graph;
  const { width, hook, aliases = [] } = layer;
  const split = builder.node("Reshape", [x, builder.ints([-1, heads, width])]);
  const normalized = scaled(graph, quotient(graph, split, kind, layer), kind, layer);
  const output = `${hook}.hook_out`;
  const flat = builder.node("Reshape", [normalized, builder.ints([-1, heads * width])], { output });
  recordNorm(graph, x, flat, kind, layer, heads);
  return graph.hook(output, flat, heads * width, ...aliases);
}
