/**
 * @file Qwen 2 and 2.5 (Yang et al. 2024, arXiv:2407.10671), as transformers' `Qwen2ForCausalLM`:
 *   the shared decoder with biases of queries, keys and values.
 */

import { nonlinearity } from "../blocks/nonlinearity.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { decoder } from "./decoder.ts";
import { decoderFacts, sharedFrequencies } from "./decoder-config.ts";
import { qwenWindows } from "./qwen-windows.ts";

/**
 * Builds the graph of a Qwen 2 checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function qwen2(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = decoderFacts(config, "qwen2", { keyValueHeads: 32 });
  const { window, kindOf } = qwenWindows(config, facts.layers);
  return decoder(checkpoint, {
    facts,
    activation: nonlinearity(config, "hidden_act", "silu"),
    eps: config.number("rms_norm_eps", 1e-6),
    biases: { qkv: true },
    tied: config.boolean("tie_word_embeddings", false),
    kindOf,
    window,
    frequencies: sharedFrequencies(config, facts.dHead),
  });
}
