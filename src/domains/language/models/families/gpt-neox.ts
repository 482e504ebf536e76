/**
 * @file GPT-NeoX (Black et al. 2022), the architecture of Pythia: rotary positions on a part of
 *   each head, and fused queries, keys and values interleaved by head. Attention and MLP run in
 *   parallel or in sequence. Weight names and arithmetic are those of transformers'
 *   `GPTNeoXForCausalLM`.
 */

import { BlockHooks } from "../block-hooks.ts";
import { causalAttention, causalMask } from "../blocks/attention.ts";
import { add } from "../blocks/elementwise.ts";
import { tokenEmbedding } from "../blocks/embedding.ts";
import { linear } from "../blocks/linear.ts";
import { nonlinearity } from "../blocks/nonlinearity.ts";
import { layerNorm } from "../blocks/normalization.ts";
import {
  inverseFrequencies,
  ropeTheta,
  rotarySettings,
  rotaryTables,
  rotaryWidth,
} from "../blocks/rotary.ts";
import { unembed } from "../blocks/unembedding.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { HookedGraph, type LanguageModelGraph, type ModelFacts } from "../hooked-graph.ts";
import type { ModelConfig } from "../model-config.ts";

function readFacts(config: ModelConfig): ModelFacts {
  const dModel = config.size("hidden_size");
  const heads = config.size("num_attention_heads");
  if (dModel % heads !== 0)
    throw config.unsupported("num_attention_heads", `it does not divide hidden_size (${dModel})`);
  return {
    family: "gpt_neox",
    layers: config.size("num_hidden_layers"),
    dModel,
    dMlp: config.size("intermediate_size"),
    heads,
    keyValueHeads: heads,
    dHead: dModel / heads,
    vocabularySize: config.size("vocab_size"),
    contextLength: config.size("max_position_embeddings"),
  };
}

/**
 * Builds the graph of a GPT-NeoX checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function gptNeox(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = readFacts(config);
  const parallel = config.boolean("use_parallel_residual", true);
  const activation = nonlinearity(config, "hidden_act", "gelu");
  const eps = config.number("layer_norm_eps", 1e-5);
  const attentionBias = config.boolean("attention_bias", true);
  const { dModel, dMlp, heads, dHead } = facts;
  const settings = rotarySettings(config);
  const turned = rotaryWidth(config, settings, { key: "rotary_pct", fallback: 0.25 }, dHead);

  const graph = new HookedGraph(checkpoint, "gpt_neox.");
  const { builder } = graph;
  const theta = ropeTheta(config, settings, { keys: ["rope_theta", "rotary_emb_base"] });
  const frequencies = inverseFrequencies(config, settings, theta, turned);
  const rotary = turned === 0 ? undefined : rotaryTables(graph, frequencies);
  const mask = causalMask(graph);

  /**
   * Queries, keys and values: the fused projection gives [heads, (q k v), dHead] for every token.
   */
  function queriesKeysValues(hooks: BlockHooks, module: string, x: string) {
    const fused = linear(graph, x, {
      weight: `${module}.query_key_value.weight`,
      bias: attentionBias ? `${module}.query_key_value.bias` : undefined,
      inputs: dModel,
      outputs: 3 * dModel,
    });
    const byHead = builder.node("Reshape", [fused, builder.ints([-1, heads, 3 * dHead])]);
    const parts = ["q", "k", "v"].map((part) => `${hooks.name(`attn.hook_${part}`)}/heads`);
    builder.nodes("Split", [byHead, builder.ints([dHead, dHead, dHead])], parts, { axis: 2 });
    const [q, k, v] = (["q", "k", "v"] as const).map((part, i) => {
      const output = hooks.name(`attn.hook_${part}`);
      const flat = builder.node("Reshape", [parts[i]!, builder.ints([-1, dModel])], { output });
      graph.step({
        kind: "columns",
        out: flat,
        a: fused,
        width: dModel,
        heads,
        stride: 3 * dHead,
        first: i * dHead,
      });
      return hooks.record(`attn.hook_${part}`, flat, dModel);
    });
    return { q: q!, k: k!, v: v! };
  }

  function attention(hooks: BlockHooks, module: string, x: string): string {
    const z = causalAttention(graph, queriesKeysValues(hooks, module, x), facts, {
      scale: 1 / Math.sqrt(dHead),
      mask,
      rotary,
      output: hooks.name("attn.hook_z"),
    });
    hooks.record("attn.hook_z", z, dModel);
    return linear(graph, z, {
      weight: `${module}.dense.weight`,
      bias: attentionBias ? `${module}.dense.bias` : undefined,
      inputs: dModel,
      outputs: dModel,
      output: hooks.name("hook_attn_out"),
    });
  }

  function mlp(hooks: BlockHooks, module: string, x: string): string {
    const pre = linear(graph, x, {
      weight: `${module}.dense_h_to_4h.weight`,
      bias: `${module}.dense_h_to_4h.bias`,
      inputs: dModel,
      outputs: dMlp,
      output: hooks.name("mlp.hook_pre"),
    });
    hooks.record("mlp.hook_pre", pre, dMlp, ".mlp.dense_h_to_4h");
    const post = activation(graph, pre, hooks.name("mlp.hook_post"));
    hooks.record("mlp.hook_post", post, dMlp, ".mlp.act");
    return linear(graph, post, {
      weight: `${module}.dense_4h_to_h.weight`,
      bias: `${module}.dense_4h_to_h.bias`,
      inputs: dMlp,
      outputs: dModel,
      output: hooks.name("hook_mlp_out"),
    });
  }

  let residual = tokenEmbedding(graph, facts, {
    weight: "embed_in.weight",
    aliases: ["gpt_neox.embed_in"],
  });
  for (let layer = 0; layer < facts.layers; layer++) {
    const module = `layers.${layer}`;
    const hooks = new BlockHooks(graph, layer, [`gpt_neox.${module}`, module]);
    const norm = (x: string, part: string, name: string) =>
      layerNorm(graph, x, {
        module: `${module}.${part}`,
        width: dModel,
        eps,
        hook: hooks.name(name),
        aliases: hooks.modules(`.${part}`),
      });
    hooks.record("hook_resid_pre", residual, dModel);
    const normalized = norm(residual, "input_layernorm", "ln1");
    const attnOut = attention(hooks, `${module}.attention`, normalized);
    hooks.record("hook_attn_out", attnOut, dModel, ".attention", ".attention.dense");
    let middle = residual;
    if (parallel) hooks.runsInParallel();
    else {
      middle = add(graph, residual, attnOut, hooks.name("hook_resid_mid"));
      hooks.record("hook_resid_mid", middle, dModel);
    }
    const mlpOut = mlp(hooks, `${module}.mlp`, norm(middle, "post_attention_layernorm", "ln2"));
    hooks.record("hook_mlp_out", mlpOut, dModel, ".mlp", ".mlp.dense_4h_to_h");
    const added = parallel ? add(graph, mlpOut, attnOut) : mlpOut;
    residual = add(graph, middle, added, hooks.name("hook_resid_post"));
    hooks.record("hook_resid_post", residual, dModel, "");
  }

  const final = layerNorm(graph, residual, {
    module: "final_layer_norm",
    width: dModel,
    eps,
    hook: "ln_final",
    aliases: ["gpt_neox.final_layer_norm", "final_layer_norm"],
  });
  const isTied = config.boolean("tie_word_embeddings", false);
  return unembed(graph, final, facts, {
    tied: isTied ? "embed_in.weight" : undefined,
    head: "embed_out.weight",
    alias: "embed_out",
  });
}
