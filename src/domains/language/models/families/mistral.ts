/**
 * @file Mistral (Jiang et al. 2023, arXiv:2310.06825), as transformers' `MistralForCausalLM`: the
 *   shared decoder without biases. All layers slide, or none where `sliding_window` is null.
 */

import { nonlinearity } from "../blocks/nonlinearity.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { layerKinds } from "../layer-kinds.ts";
import { decoder } from "./decoder.ts";
import { decoderFacts, sharedFrequencies } from "./decoder-config.ts";

/**
 * Builds the graph of a Mistral checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function mistral(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = decoderFacts(config, "mistral", { keyValueHeads: 8 });
  config.only("attention_bias", false);
  config.only("mlp_bias", false);
  const window = config.sizeOrNull("sliding_window", 4096);
  const kind = window === undefined ? "full_attention" : "sliding_attention";
  const kindOf = layerKinds(config, facts.layers, () => kind);
  if (config.raw("layer_types") !== undefined)
    for (let layer = 0; layer < facts.layers; layer++)
      if (kindOf(layer) !== kind)
        throw config.unsupported("layer_types", `"sliding_window" makes every layer ${kind}`);
  return decoder(checkpoint, {
    facts,
    activation: nonlinearity(config, "hidden_act", "silu"),
    eps: config.number("rms_norm_eps", 1e-6),
    tied: config.boolean("tie_word_embeddings", false),
    kindOf,
    window,
    frequencies: sharedFrequencies(config, facts.dHead),
  });
}
