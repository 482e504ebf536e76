/** @file The end of every model: logits from the last residual stream, normalised. */

import type { HookedGraph, LanguageModelGraph, ModelFacts } from "../hooked-graph.ts";
import { linear } from "./linear.ts";
import { softCap } from "./soft-cap.ts";

/** Which weight makes logits. */
export interface Unembedding {
  /** The embedding of tokens, where both are one weight; undefined: `head`. */
  readonly tied: string | undefined;
  readonly head: string;
  /** Name of the bias, where the layer has one. */
  readonly bias?: string;
  /** Soft cap of the logits. */
  readonly cap?: number | undefined;
  /** The module of the checkpoint's own code. */
  readonly alias: string;
}

/**
 * Adds logits = c(x Wᵀ + b), hook `logits`, and finishes the graph. c is {@link softCap} where
 * there is a cap; the module's name is that of the tensor in front of it.
 *
 * @param x [batch · pos, d_model]
 */
export function unembed(
  graph: HookedGraph,
  x: string,
  facts: ModelFacts,
  { tied, head, alias, bias, cap }: Unembedding,
): LanguageModelGraph {
  const { dModel, vocabularySize } = facts;
  const raw = linear(graph, x, {
    weight: tied ?? head,
    bias,
    inputs: dModel,
    outputs: vocabularySize,
    output: cap === undefined ? "logits" : "logits/uncapped",
  });
  graph.alias(raw, vocabularySize, alias);
  const logits = cap === undefined ? raw : softCap(graph, raw, cap, "logits");
  graph.hook("logits", logits, vocabularySize);
  return graph.finish(cap === undefined ? facts : { ...facts, logitCap: cap });
}
