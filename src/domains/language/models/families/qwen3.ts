/**
 * @file Qwen 3 (Yang et al. 2025, arXiv:2505.09388), as transformers' `Qwen3ForCausalLM`: the
 *   shared decoder with a norm of every head of queries and keys.
 */

import { nonlinearity } from "../blocks/nonlinearity.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { decoder } from "./decoder.ts";
import { decoderFacts, sharedFrequencies } from "./decoder-config.ts";
import { qwenWindows } from "./qwen-windows.ts";

/**
 * Builds the graph of a Qwen 3 checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function qwen3(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = decoderFacts(config, "qwen3", { keyValueHeads: 32, dHead: 128 });
  const { window, kindOf } = qwenWindows(config, facts.layers);
  const attentionBias = config.boolean("attention_bias", false);
  return decoder(checkpoint, {
    facts,
    activation: nonlinearity(config, "hidden_act", "silu"),
    eps: config.number("rms_norm_eps", 1e-6),
    biases: { qkv: attentionBias, out: attentionBias },
    tied: config.boolean("tie_word_embeddings", false),
    kindOf,
    window,
    frequencies: sharedFrequencies(config, facts.dHead),
    headNorms: true,
  });
}
