/**
 * @file The text model of Gemma 3 (Gemma Team 2025, arXiv:2503.19786), as transformers'
 *   `Gemma3ForCausalLM`: five of six layers slide, and turn by larger angles than the others;
 *   every head of queries and keys is normalised.
 */

import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { layerKinds } from "../layer-kinds.ts";
import { decoder } from "./decoder.ts";
import { frequenciesByKind } from "./decoder-config.ts";
import { gemmaForm } from "./gemma-form.ts";

/** Keys and defaults of the bases of the angles in configs without `rope_parameters`. */
const THETAS = {
  full_attention: { key: "rope_theta", fallback: 1e6 },
  sliding_attention: { key: "rope_local_base_freq", fallback: 1e4 },
};

/**
 * Builds the graph of a Gemma 3 text checkpoint. @throws {ConcordError} `model/unsupported` naming
 * the config key.
 */
export function gemma3(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const form = gemmaForm(config, "gemma3_text");
  // transformers 5 reads this key and computes nothing with it.
  config.only("attn_logit_softcapping", null);
  const pattern = config.size("sliding_window_pattern", 6);
  return decoder(checkpoint, {
    ...form,
    kindOf: layerKinds(config, form.facts.layers, (layer) =>
      (layer + 1) % pattern === 0 ? "full_attention" : "sliding_attention",
    ),
    frequencies: frequenciesByKind(config, form.facts.dHead, THETAS),
    logitCap: config.positiveOrNull("final_logit_softcapping"),
    headNorms: true,
  });
}
