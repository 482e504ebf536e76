/** @file The end of every model: logits from the last residual stream, normalised. */

import type { HookedGraph, LanguageModelGraph, ModelFacts } from "../hooked-graph.ts";
import { linear } from "./linear.ts";

/** Which weight makes logits. */
export interface Unembedding {
  /** The embedding of tokens, where both are one weight; undefined: `head`. */
  readonly tied: string | undefined;
  readonly head: string;
  /** The module of the checkpoint's own code. */
  readonly alias: string;
}

/**
 * Adds logits = x Wᵀ, hook `logits`, and finishes the graph.
 *
 * @param x [batch · pos, d_model]
 */
export function unembed(
  graph: HookedGraph,
  x: string,
  facts: ModelFacts,
  { tied, head, alias }: Unembedding,
): LanguageModelGraph {
  const { dModel, vocabularySize } = facts;
  const logits = linear(graph, x, {
    weight: tied ?? head,
    inputs: dModel,
    outputs: vocabularySize,
    output: "logits",
  });
  graph.hook("logits", logits, vocabularySize, alias);
  return graph.finish(facts);
}
