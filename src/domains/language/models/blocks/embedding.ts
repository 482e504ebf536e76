/** @file Token and position embeddings, [batch · pos, d_model]. */

import type { HookedGraph } from "../hooked-graph.ts";

/** Rows of the token embedding, as `hook_embed`. */
export function tokenEmbedding(
  graph: HookedGraph,
  weight: string,
  vocabularySize: number,
  dModel: number,
  ...aliases: readonly string[]
): string {
  const { builder } = graph;
  const flat = builder.node("Reshape", [graph.tokens, builder.ints([-1])]);
  const table = graph.weight(weight, [vocabularySize, dModel]);
  const rows = builder.node("Gather", [table, flat], { output: "hook_embed" });
  return graph.hook("hook_embed", rows, dModel, ...aliases);
}

/** Rows of a learned position embedding, once per token, as `hook_pos_embed`. */
export function positionEmbedding(
  graph: HookedGraph,
  weight: string,
  contextLength: number,
  dModel: number,
  ...aliases: readonly string[]
): string {
  const { builder } = graph;
  const length = builder.node("Gather", [graph.tokenShape, builder.int(1)]);
  const positions = builder.node("Range", [builder.int(0), length, builder.int(1)]);
  const everyWindow = builder.node("Expand", [positions, graph.tokenShape]);
  const flat = builder.node("Reshape", [everyWindow, builder.ints([-1])]);
  const table = graph.weight(weight, [contextLength, dModel]);
  const rows = builder.node("Gather", [table, flat], { output: "hook_pos_embed" });
  return graph.hook("hook_pos_embed", rows, dModel, ...aliases);
}
