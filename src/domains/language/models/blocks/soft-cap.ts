/** @file The soft cap of Gemma 2, which keeps attention scores and logits within bounds. */

import type { HookedGraph } from "../hooked-graph.ts";

/**
 * cap · tanh(x / cap), which is close to x near 0 and stays between −cap and cap (Gemma Team 2024,
 * arXiv:2408.00118, §2).
 */
export function softCap(graph: HookedGraph, x: string, cap: number, output?: string): string {
  const { builder } = graph;
  const share = builder.node("Tanh", [builder.node("Div", [x, builder.float(cap)])]);
  const named = output === undefined ? {} : { output };
  return builder.node("Mul", [share, builder.float(cap)], named);
}
