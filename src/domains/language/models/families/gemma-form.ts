/** @file What Gemma 2 and 3 make of the shared decoder. */

import { nonlinearity } from "../blocks/nonlinearity.ts";
import type { ModelConfig } from "../model-config.ts";
import type { DecoderForm } from "./decoder.ts";
import { type DecoderDefaults, decoderFacts } from "./decoder-config.ts";

/**
 * The part of the form that both share. Gains are stored less 1. Norms stand in front of and behind
 * attention and MLP. The embedding is times √d_model; scores are over √query_pre_attn_scalar.
 *
 * transformers rounds √d_model to the type of the weights. Here it is float32, as in transformers
 * with float32 weights.
 */
export function gemmaForm(
  config: ModelConfig,
  family: string,
  defaults: DecoderDefaults = {},
): Omit<DecoderForm, "kindOf" | "frequencies"> {
  const facts = decoderFacts(config, family, {
    keyValueHeads: 4,
    dHead: 256,
    ...defaults,
  });
  config.only("use_bidirectional_attention", false);
  const attentionBias = config.boolean("attention_bias", false);
  const divisor = config.number("query_pre_attn_scalar", 256);
  if (divisor <= 0) throw config.unsupported("query_pre_attn_scalar", "it must be positive");
  return {
    facts,
    activation: nonlinearity(config, "hidden_activation", "gelu_pytorch_tanh"),
    eps: config.number("rms_norm_eps", 1e-6),
    biases: { qkv: attentionBias, out: attentionBias },
    tied: config.boolean("tie_word_embeddings", true),
    window: config.sizeOrNull("sliding_window", 4096),
    scoreScale: 1 / Math.sqrt(divisor),
    postNorms: true,
    gainOffset: 1,
    embeddingScale: Math.sqrt(facts.dModel),
  };
}
