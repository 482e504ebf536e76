/**
 * @file Llama (Touvron et al. 2023): RMSNorm, rotary positions, queries that may share keys and
 *   values in groups, a SwiGLU MLP. Weight names and arithmetic are those of transformers'
 *   `LlamaForCausalLM`.
 */

import { BlockHooks } from "../block-hooks.ts";
import { causalAttention, causalMask } from "../blocks/attention.ts";
import { tokenEmbedding } from "../blocks/embedding.ts";
import { linear } from "../blocks/linear.ts";
import { nonlinearity } from "../blocks/nonlinearity.ts";
import { rmsNorm } from "../blocks/normalization.ts";
import { inverseFrequencies, ropeTheta, rotaryTables } from "../blocks/rotary.ts";
import { unembed } from "../blocks/unembedding.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { HookedGraph, type LanguageModelGraph, type ModelFacts } from "../hooked-graph.ts";
import type { ModelConfig } from "../model-config.ts";

function readFacts(config: ModelConfig): ModelFacts {
  const dModel = config.size("hidden_size");
  const heads = config.size("num_attention_heads");
  const keyValueHeads = config.size("num_key_value_heads", heads);
  const dHead = config.size("head_dim", dModel / heads);
  if (heads % keyValueHeads !== 0)
    throw config.unsupported("num_key_value_heads", `it does not divide the ${heads} heads`);
  if (dHead % 2 !== 0) throw config.unsupported("head_dim", "rotary positions need an even number");
  return {
    family: "llama",
    layers: config.size("num_hidden_layers"),
    dModel,
    dMlp: config.size("intermediate_size"),
    heads,
    keyValueHeads,
    dHead,
    vocabularySize: config.size("vocab_size"),
    contextLength: config.size("max_position_embeddings"),
  };
}

/**
 * Builds the graph of a Llama checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function llama(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = readFacts(config);
  const activation = nonlinearity(config, "hidden_act", "silu");
  const eps = config.number("rms_norm_eps", 1e-6);
  const attentionBias = config.boolean("attention_bias", false);
  const mlpBias = config.boolean("mlp_bias", false);
  const { dModel, dMlp, heads, keyValueHeads, dHead, vocabularySize } = facts;

  const graph = new HookedGraph(checkpoint, "model.");
  const { builder } = graph;
  const theta = ropeTheta(config, ["rope_theta"]);
  const rotary = rotaryTables(graph, inverseFrequencies(config, theta, dHead));
  const mask = causalMask(graph);

  /** A linear module whose output is a hook. */
  function hooked(
    hooks: BlockHooks,
    x: string,
    layer: {
      module: string;
      part: string;
      hook: string;
      inputs: number;
      outputs: number;
      bias: boolean;
    },
  ): string {
    const { module, part, hook, inputs, outputs } = layer;
    const y = linear(graph, x, {
      weight: `${module}${part}.weight`,
      bias: layer.bias ? `${module}${part}.bias` : undefined,
      inputs,
      outputs,
      output: hooks.name(hook),
    });
    return hooks.record(hook, y, outputs, part);
  }

  function attention(hooks: BlockHooks, module: string, x: string): string {
    const project = (part: string, hook: string, outputs: number) =>
      hooked(hooks, x, { module, part, hook, inputs: dModel, outputs, bias: attentionBias });
    const q = project(".self_attn.q_proj", "attn.hook_q", heads * dHead);
    const k = project(".self_attn.k_proj", "attn.hook_k", keyValueHeads * dHead);
    const v = project(".self_attn.v_proj", "attn.hook_v", keyValueHeads * dHead);
    const z = causalAttention(graph, { q, k, v }, facts, {
      scale: 1 / Math.sqrt(dHead),
      mask,
      rotary,
      output: hooks.name("attn.hook_z"),
    });
    hooks.record("attn.hook_z", z, heads * dHead);
    const part = ".self_attn.o_proj";
    const [inputs, outputs] = [heads * dHead, dModel];
    const hook = "hook_attn_out";
    const out = hooked(hooks, z, { module, part, hook, inputs, outputs, bias: attentionBias });
    return hooks.record(hook, out, dModel, ".self_attn");
  }

  function mlp(hooks: BlockHooks, module: string, x: string): string {
    const project = (input: string, part: string, hook: string, inputs: number, outputs: number) =>
      hooked(hooks, input, { module, part, hook, inputs, outputs, bias: mlpBias });
    const gate = project(x, ".mlp.gate_proj", "mlp.hook_pre", dModel, dMlp);
    const straight = project(x, ".mlp.up_proj", "mlp.hook_pre_linear", dModel, dMlp);
    const output = hooks.name("mlp.hook_post");
    const post = builder.node("Mul", [activation(graph, gate), straight], { output });
    hooks.record("mlp.hook_post", post, dMlp);
    const out = project(post, ".mlp.down_proj", "hook_mlp_out", dMlp, dModel);
    return hooks.record("hook_mlp_out", out, dModel, ".mlp");
  }

  let residual = tokenEmbedding(
    graph,
    "embed_tokens.weight",
    vocabularySize,
    dModel,
    "model.embed_tokens",
  );
  for (let layer = 0; layer < facts.layers; layer++) {
    const module = `layers.${layer}`;
    const hooks = new BlockHooks(graph, layer, [`model.${module}`, module]);
    const norm = (x: string, part: string, name: string) =>
      rmsNorm(graph, x, {
        module: `${module}.${part}`,
        width: dModel,
        eps,
        hook: hooks.name(name),
        aliases: hooks.modules(`.${part}`),
      });
    hooks.record("hook_resid_pre", residual, dModel);
    const attnOut = attention(hooks, module, norm(residual, "input_layernorm", "ln1"));
    const output = hooks.name("hook_resid_mid");
    const middle = builder.node("Add", [residual, attnOut], { output });
    hooks.record("hook_resid_mid", middle, dModel);
    const mlpOut = mlp(hooks, module, norm(middle, "post_attention_layernorm", "ln2"));
    residual = builder.node("Add", [middle, mlpOut], { output: hooks.name("hook_resid_post") });
    hooks.record("hook_resid_post", residual, dModel, "");
  }

  const final = rmsNorm(graph, residual, {
    module: "norm",
    width: dModel,
    eps,
    hook: "ln_final",
    aliases: ["model.norm", "norm"],
  });
  const isTied = config.boolean("tie_word_embeddings", false);
  return unembed(graph, final, facts, {
    tied: isTied ? "embed_tokens.weight" : undefined,
    head: "lm_head.weight",
    alias: "lm_head",
  });
}
