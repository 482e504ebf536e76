/**
 * @file A linear layer on [batch · pos, in] as one `Gemm`, with the weight read as it is stored.
 */

import type { HookedGraph } from "../hooked-graph.ts";

export interface LinearLayer {
  /** Name of the weight in the checkpoint. */
  readonly weight: string;
  /** Name of the bias, where the layer has one. */
  readonly bias?: string | undefined;
  readonly inputs: number;
  readonly outputs: number;
  /** "out-in" as `nn.Linear` stores it (default), "in-out" as GPT-2's `Conv1D` does. */
  readonly layout?: "out-in" | "in-out";
  /** Name for the output tensor. */
  readonly output?: string;
}

/** y = x W + b. @returns Tensor of shape [batch · pos, outputs]. */
export function linear(graph: HookedGraph, x: string, layer: LinearLayer): string {
  const { inputs, outputs } = layer;
  const transposed = layer.layout !== "in-out";
  const weight = graph.weight(layer.weight, transposed ? [outputs, inputs] : [inputs, outputs]);
  const bias = layer.bias === undefined ? [] : [graph.weight(layer.bias, [outputs])];
  const out = graph.builder.node("Gemm", [x, weight, ...bias], {
    attributes: { transB: transposed ? 1 : 0 },
    ...(layer.output === undefined ? {} : { output: layer.output }),
  });
  return graph.step({
    kind: "linear",
    out,
    a: x,
    weight: graph.stored(layer.weight),
    transposed,
    inputs,
    width: outputs,
    ...(layer.bias === undefined ? {} : { bias: graph.stored(layer.bias) }),
  });
}
