/**
 * @file Gemma 2 (Gemma Team 2024, arXiv:2408.00118), as transformers' `Gemma2ForCausalLM`: every
 *   second layer slides, the first one among them; scores and logits have soft caps.
 */

import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { layerKinds } from "../layer-kinds.ts";
import { decoder } from "./decoder.ts";
import { sharedFrequencies } from "./decoder-config.ts";
import { gemmaForm } from "./gemma-form.ts";

/**
 * Builds the graph of a Gemma 2 checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function gemma2(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const form = gemmaForm(config, "gemma2");
  return decoder(checkpoint, {
    ...form,
    kindOf: layerKinds(config, form.facts.layers, (layer) =>
      layer % 2 === 0 ? "sliding_attention" : "full_attention",
    ),
    frequencies: sharedFrequencies(config, form.facts.dHead),
    scoreCap: config.positiveOrNull("attn_logit_softcapping", 50),
    logitCap: config.positiveOrNull("final_logit_softcapping", 30),
  });
}
