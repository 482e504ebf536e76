/**
 * @file Llama (Touvron et al. 2023, arXiv:2302.13971), as transformers' `LlamaForCausalLM`: the
 *   shared decoder with biases where the config asks for them.
 */

import { nonlinearity } from "../blocks/nonlinearity.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { decoder } from "./decoder.ts";
import { decoderFacts, sharedFrequencies } from "./decoder-config.ts";

/**
 * Builds the graph of a Llama checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function llama(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = decoderFacts(config, "llama");
  const attentionBias = config.boolean("attention_bias", false);
  const mlp = config.boolean("mlp_bias", false);
  return decoder(checkpoint, {
    facts,
    activation: nonlinearity(config, "hidden_act", "silu"),
    eps: config.number("rms_norm_eps", 1e-6),
    biases: { qkv: attentionBias, out: attentionBias, mlp },
    tied: config.boolean("tie_word_embeddings", false),
    frequencies: sharedFrequencies(config, facts.dHead),
  });
}
