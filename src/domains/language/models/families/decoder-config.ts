/** @file Keys of `config.json` that the families of the shared decoder spell alike. */

import {
  inverseFrequencies,
  type RotarySettings,
  ropeTheta,
  rotarySettings,
  rotarySettingsOf,
  rotaryShare,
} from "../blocks/rotary.ts";
import type { ModelFacts } from "../hooked-graph.ts";
import type { LayerKind } from "../layer-kinds.ts";
import type { ModelConfig } from "../model-config.ts";

/** What transformers takes for keys that a config lacks. */
export interface DecoderDefaults {
  readonly heads?: number;
  /** As many as there are heads, without it. */
  readonly keyValueHeads?: number;
  /** hidden_size / num_attention_heads, without it. */
  readonly dHead?: number;
  readonly vocabularySize?: number;
  readonly contextLength?: number;
}

/**
 * Sizes of a decoder.
 *
 * @throws {ConcordError} `model/unsupported` naming the key where heads cannot be shared or turned.
 */
export function decoderFacts(
  config: ModelConfig,
  family: string,
  defaults: DecoderDefaults = {},
): ModelFacts {
  const dModel = config.size("hidden_size");
  const heads = config.size("num_attention_heads", defaults.heads);
  const shared = config.sizeOrNull("num_key_value_heads", defaults.keyValueHeads ?? heads);
  const keyValueHeads = shared ?? heads;
  const dHead = config.size("head_dim", defaults.dHead ?? dModel / heads);
  if (heads % keyValueHeads !== 0)
    throw config.unsupported("num_key_value_heads", `it does not divide the ${heads} heads`);
  if (dHead % 2 !== 0) throw config.unsupported("head_dim", "rotary positions need an even number");
  return {
    family,
    layers: config.size("num_hidden_layers"),
    dModel,
    dMlp: config.size("intermediate_size"),
    heads,
    keyValueHeads,
    dHead,
    vocabularySize: config.size("vocab_size", defaults.vocabularySize),
    contextLength: config.size("max_position_embeddings", defaults.contextLength),
  };
}

function frequencies(
  config: ModelConfig,
  settings: RotarySettings,
  dHead: number,
  theta: { readonly keys: readonly string[]; readonly fallback?: number },
): Float32Array {
  if (rotaryShare(config, settings, "partial_rotary_factor", 1) !== 1)
    throw config.unsupported(
      config.raw("partial_rotary_factor") === undefined ? settings.key : "partial_rotary_factor",
      "this family turns whole heads",
    );
  return inverseFrequencies(config, settings, ropeTheta(config, settings, theta), dHead);
}

/** Inverse frequencies of a model whose layers all turn alike. */
export function sharedFrequencies(
  config: ModelConfig,
  dHead: number,
): (kind: LayerKind) => Float32Array {
  const all = frequencies(config, rotarySettings(config), dHead, { keys: ["rope_theta"] });
  return () => all;
}

/** Inverse frequencies by kind of layer. @param thetas Where their base is, and what it is else. */
export function frequenciesByKind(
  config: ModelConfig,
  dHead: number,
  thetas: Readonly<Record<LayerKind, { key: string; fallback: number }>>,
): (kind: LayerKind) => Float32Array {
  return (kind) => {
    const { key, fallback } = thetas[kind];
    return frequencies(config, rotarySettingsOf(config, kind), dHead, { keys: [key], fallback });
  };
}
