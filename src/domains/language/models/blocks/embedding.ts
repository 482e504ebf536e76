/** @file Token and position embeddings, [batch · pos, d_model]. */

import type { HookedGraph, ModelFacts } from "../hooked-graph.ts";

export interface TokenEmbedding {
  /** Name of the weight in the checkpoint. */
  readonly weight: string;
  /** Names of the module in the checkpoint's own code. */
  readonly aliases: readonly string[];
  /** Factor of every row. */
  readonly scale?: number | undefined;
}

/** Rows of the token embedding, times the factor where there is one, as `hook_embed`. */
export function tokenEmbedding(
  graph: HookedGraph,
  { vocabularySize, dModel }: ModelFacts,
  { weight, aliases, scale }: TokenEmbedding,
): string {
  const { builder } = graph;
  const flat = builder.node("Reshape", [graph.tokens, builder.ints([-1])]);
  const table = graph.weight(weight, [vocabularySize, dModel]);
  const output = "hook_embed";
  const rows = builder.node("Gather", [table, flat], scale === undefined ? { output } : {});
  const scaled =
    scale === undefined ? rows : builder.node("Mul", [rows, builder.float(scale)], { output });
  graph.step({
    kind: "embed",
    out: scaled,
    table: graph.stored(weight),
    width: dModel,
    scale: scale ?? 1,
  });
  return graph.hook(output, scaled, dModel, ...aliases);
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
  graph.step({ kind: "place", out: rows, table: graph.stored(weight), width: dModel });
  return graph.hook("hook_pos_embed", rows, dModel, ...aliases);
}
