/**
 * @file GPT-2 (Radford et al. 2019): learned positions, LayerNorm in front of attention and MLP,
 *   both added in sequence. Weight names and arithmetic are those of transformers'
 *   `GPT2LMHeadModel`.
 */

import { BlockHooks } from "../block-hooks.ts";
import { causalAttention, causalMask } from "../blocks/attention.ts";
import { add } from "../blocks/elementwise.ts";
import { positionEmbedding, tokenEmbedding } from "../blocks/embedding.ts";
import { type LinearLayer, linear } from "../blocks/linear.ts";
import { nonlinearity } from "../blocks/nonlinearity.ts";
import { layerNorm } from "../blocks/normalization.ts";
import { unembed } from "../blocks/unembedding.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { HookedGraph, type LanguageModelGraph, type ModelFacts } from "../hooked-graph.ts";
import type { ModelConfig } from "../model-config.ts";

function readFacts(config: ModelConfig): ModelFacts {
  const dModel = config.size("n_embd");
  const heads = config.size("n_head");
  if (dModel % heads !== 0)
    throw config.unsupported("n_head", `it does not divide n_embd (${dModel})`);
  return {
    family: "gpt2",
    layers: config.size("n_layer"),
    dModel,
    dMlp: config.size("n_inner", 4 * dModel),
    heads,
    keyValueHeads: heads,
    dHead: dModel / heads,
    vocabularySize: config.size("vocab_size"),
    contextLength: config.size("n_positions"),
  };
}

/** A `Conv1D` module: weight [in, out] and bias. */
function conv1d(module: string, inputs: number, outputs: number, output?: string): LinearLayer {
  const named = output === undefined ? {} : { output };
  const weight = `${module}.weight`;
  return { weight, bias: `${module}.bias`, inputs, outputs, layout: "in-out", ...named };
}

/**
 * Builds the graph of a GPT-2 checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function gpt2(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = readFacts(config);
  config.only("add_cross_attention", false);
  const activation = nonlinearity(config, "activation_function", "gelu_new");
  const eps = config.number("layer_norm_epsilon", 1e-5);
  const scaled = config.boolean("scale_attn_weights", true);
  const scaledByLayer = config.boolean("scale_attn_by_inverse_layer_idx", false);
  const { dModel, dMlp, dHead, contextLength } = facts;

  const graph = new HookedGraph(checkpoint, "transformer.");
  const { builder } = graph;
  const embed = tokenEmbedding(graph, facts, {
    weight: "wte.weight",
    aliases: ["transformer.wte"],
  });
  const places = positionEmbedding(graph, "wpe.weight", contextLength, dModel, "transformer.wpe");
  const mask = causalMask(graph);

  function attention(hooks: BlockHooks, module: string, layer: number, x: string): string {
    const q = hooks.name("attn.hook_q");
    const k = hooks.name("attn.hook_k");
    const v = hooks.name("attn.hook_v");
    const qkv = linear(graph, x, conv1d(`${module}.c_attn`, dModel, 3 * dModel));
    builder.nodes("Split", [qkv, builder.ints([dModel, dModel, dModel])], [q, k, v], { axis: 1 });
    for (const [i, out] of [q, k, v].entries())
      graph.step({
        kind: "columns",
        out,
        a: qkv,
        width: dModel,
        heads: 1,
        stride: 3 * dModel,
        first: i * dModel,
      });
    hooks.record("attn.hook_q", q, dModel);
    hooks.record("attn.hook_k", k, dModel);
    hooks.record("attn.hook_v", v, dModel);
    const scale = (scaled ? 1 / Math.sqrt(dHead) : 1) / (scaledByLayer ? layer + 1 : 1);
    const output = hooks.name("attn.hook_z");
    const z = causalAttention(graph, { q, k, v }, facts, { scale, mask, output });
    hooks.record("attn.hook_z", z, dModel);
    return linear(
      graph,
      z,
      conv1d(`${module}.c_proj`, dModel, dModel, hooks.name("hook_attn_out")),
    );
  }

  function mlp(hooks: BlockHooks, module: string, x: string): string {
    const pre = linear(
      graph,
      x,
      conv1d(`${module}.c_fc`, dModel, dMlp, hooks.name("mlp.hook_pre")),
    );
    hooks.record("mlp.hook_pre", pre, dMlp, ".mlp.c_fc");
    const post = activation(graph, pre, hooks.name("mlp.hook_post"));
    hooks.record("mlp.hook_post", post, dMlp, ".mlp.act");
    return linear(
      graph,
      post,
      conv1d(`${module}.c_proj`, dMlp, dModel, hooks.name("hook_mlp_out")),
    );
  }

  let residual = add(graph, embed, places, "blocks.0.hook_resid_pre");
  for (let layer = 0; layer < facts.layers; layer++) {
    const module = `h.${layer}`;
    const hooks = new BlockHooks(graph, layer, [`transformer.${module}`, module]);
    const norm = (x: string, part: string, name: string) =>
      layerNorm(graph, x, {
        module: `${module}.${part}`,
        width: dModel,
        eps,
        hook: hooks.name(name),
        aliases: hooks.modules(`.${part}`),
      });
    hooks.record("hook_resid_pre", residual, dModel);
    const attnOut = attention(hooks, `${module}.attn`, layer, norm(residual, "ln_1", "ln1"));
    hooks.record("hook_attn_out", attnOut, dModel, ".attn", ".attn.c_proj");
    const middle = add(graph, residual, attnOut, hooks.name("hook_resid_mid"));
    hooks.record("hook_resid_mid", middle, dModel);
    const mlpOut = mlp(hooks, `${module}.mlp`, norm(middle, "ln_2", "ln2"));
    hooks.record("hook_mlp_out", mlpOut, dModel, ".mlp", ".mlp.c_proj");
    residual = add(graph, middle, mlpOut, hooks.name("hook_resid_post"));
    hooks.record("hook_resid_post", residual, dModel, "");
  }

  const final = layerNorm(graph, residual, {
    module: "ln_f",
    width: dModel,
    eps,
    hook: "ln_final",
    aliases: ["transformer.ln_f", "ln_f"],
  });
  const isTied = config.boolean("tie_word_embeddings", true);
  return unembed(graph, final, facts, {
    tied: isTied ? "wte.weight" : undefined,
    head: "lm_head.weight",
    alias: "lm_head",
  });
}
