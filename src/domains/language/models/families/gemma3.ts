/**
 * @file The text model of Gemma 3 (Gemma Team 2025, arXiv:2503.19786), as transformers'
 *   `Gemma3ForCausalLM`. Five of six layers slide, and turn by larger angles than the others.
 *   Every head of queries and keys is normalised.
 */

import { isObject } from "../../../../base/json.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { layerKinds } from "../layer-kinds.ts";
import { ModelConfig } from "../model-config.ts";
import { decoder } from "./decoder.ts";
import { frequenciesByKind } from "./decoder-config.ts";
import { gemmaForm } from "./gemma-form.ts";

/** Keys and defaults of the bases of the angles in configs without `rope_parameters`. */
const THETAS = {
  full_attention: { key: "rope_theta", fallback: 1e6 },
  sliding_attention: { key: "rope_local_base_freq", fallback: 1e4 },
};

/** Sizes that configs of models of texts and images leave out. */
const SIZES = { heads: 8, vocabularySize: 262_208, contextLength: 131_072 };

/**
 * Builds the graph of a Gemma 3 text checkpoint.
 *
 * @param prefixes What stands in front of the names of weights.
 * @throws {ConcordError} `model/unsupported` naming the config key.
 */
export function gemma3(checkpoint: Checkpoint, prefixes = ["model."]): LanguageModelGraph {
  const { config } = checkpoint;
  const form = gemmaForm(config, "gemma3_text", SIZES);
  // transformers 5 reads this key and computes nothing with it.
  config.only("attn_logit_softcapping", null);
  const pattern = config.size("sliding_window_pattern", 6);
  return decoder(checkpoint, {
    ...form,
    prefixes,
    kindOf: layerKinds(config, form.facts.layers, (layer) =>
      (layer + 1) % pattern === 0 ? "full_attention" : "sliding_attention",
    ),
    frequencies: frequenciesByKind(config, form.facts.dHead, THETAS),
    logitCap: config.positiveOrNull("final_logit_softcapping"),
    headNorms: true,
  });
}

/**
 * Builds the graph of the text model in a Gemma 3 checkpoint of texts and images. It sees tokens
 * only.
 *
 * @throws {ConcordError} `model/unsupported` naming the config key.
 */
export function gemma3WithImages(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const text = config.raw("text_config");
  if (!isObject(text)) throw config.unsupported("text_config", "an object was expected");
  const inner = new ModelConfig(text, `${config.where}, text_config`);
  // The first is how the hub has them, the second how the module is called.
  const prefixes = ["language_model.model.", "model.language_model.", "language_model."];
  return gemma3({ ...checkpoint, config: inner }, prefixes);
}
