/**
 * @file Phi 1, 1.5 and 2 (Li et al. 2023, arXiv:2309.05463), as transformers' `PhiForCausalLM`. One
 *   LayerNorm feeds attention and MLP in parallel. Rotary positions turn a part of each head. Every
 *   linear layer and the logits have biases.
 */

import { BlockHooks } from "../block-hooks.ts";
import { causalAttention, causalMask } from "../blocks/attention.ts";
import { add } from "../blocks/elementwise.ts";
import { tokenEmbedding } from "../blocks/embedding.ts";
import { linear } from "../blocks/linear.ts";
import { nonlinearity } from "../blocks/nonlinearity.ts";
import { headNorm, layerNorm } from "../blocks/normalization.ts";
import {
  inverseFrequencies,
  ropeTheta,
  rotarySettings,
  rotaryTables,
  rotaryWidth,
} from "../blocks/rotary.ts";
import { unembed } from "../blocks/unembedding.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { HookedGraph, type LanguageModelGraph } from "../hooked-graph.ts";
import { decoderFacts } from "./decoder-config.ts";

/**
 * Builds the graph of a Phi checkpoint. @throws {ConcordError} `model/unsupported` naming the
 * config key.
 */
export function phi(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const facts = decoderFacts(config, "phi");
  const { dModel, dMlp, heads, keyValueHeads, dHead } = facts;
  const activation = nonlinearity(config, "hidden_act", "gelu_new");
  const eps = config.number("layer_norm_eps", 1e-5);
  const headNorms = config.boolean("qk_layernorm", false);
  const settings = rotarySettings(config);
  const share = { key: "partial_rotary_factor", fallback: 0.5 };
  const turned = rotaryWidth(config, settings, share, dHead);
  const theta = ropeTheta(config, settings, { keys: ["rope_theta"] });

  const graph = new HookedGraph(checkpoint, "model.");
  const frequencies = inverseFrequencies(config, settings, theta, turned);
  const rotary = turned === 0 ? undefined : rotaryTables(graph, frequencies);
  const mask = causalMask(graph);

  /** A linear module with bias. */
  function dense(x: string, module: string, inputs: number, outputs: number, output: string) {
    const names = { weight: `${module}.weight`, bias: `${module}.bias`, output };
    return linear(graph, x, { ...names, inputs, outputs });
  }

  /** Queries or keys with every head normalised. */
  function perHead(hooks: BlockHooks, x: string, module: string, name: "q" | "k", count: number) {
    if (!headNorms) return x;
    const part = `.self_attn.${name}_layernorm`;
    return headNorm(graph, x, "layer", count, {
      module: `${module}${part}`,
      width: dHead,
      eps,
      hook: hooks.name(`attn.${name}_norm`),
      aliases: hooks.modules(part),
    });
  }

  function attention(hooks: BlockHooks, module: string, x: string): string {
    const make = (name: string, count: number) => {
      const [part, hook] = [`.self_attn.${name}_proj`, `attn.hook_${name}`];
      const y = dense(x, `${module}${part}`, dModel, count * dHead, hooks.name(hook));
      return hooks.record(hook, y, count * dHead, part);
    };
    const q = make("q", heads);
    const k = make("k", keyValueHeads);
    const v = make("v", keyValueHeads);
    const inputs = {
      q: perHead(hooks, q, module, "q", heads),
      k: perHead(hooks, k, module, "k", keyValueHeads),
      v,
    };
    const z = causalAttention(graph, inputs, facts, {
      scale: 1 / Math.sqrt(dHead),
      mask,
      rotary,
      output: hooks.name("attn.hook_z"),
    });
    hooks.record("attn.hook_z", z, heads * dHead);
    const part = ".self_attn.dense";
    const name = hooks.name("hook_attn_out");
    const out = dense(z, `${module}${part}`, heads * dHead, dModel, name);
    return hooks.record("hook_attn_out", out, dModel, ".self_attn", part);
  }

  function mlp(hooks: BlockHooks, module: string, x: string): string {
    const pre = dense(x, `${module}.mlp.fc1`, dModel, dMlp, hooks.name("mlp.hook_pre"));
    hooks.record("mlp.hook_pre", pre, dMlp, ".mlp.fc1");
    const post = activation(graph, pre, hooks.name("mlp.hook_post"));
    hooks.record("mlp.hook_post", post, dMlp, ".mlp.activation_fn");
    const out = dense(post, `${module}.mlp.fc2`, dMlp, dModel, hooks.name("hook_mlp_out"));
    return hooks.record("hook_mlp_out", out, dModel, ".mlp", ".mlp.fc2");
  }

  let residual = tokenEmbedding(graph, facts, {
    weight: "embed_tokens.weight",
    aliases: ["model.embed_tokens"],
  });
  for (let layer = 0; layer < facts.layers; layer++) {
    const module = `layers.${layer}`;
    const hooks = new BlockHooks(graph, layer, [`model.${module}`, module]);
    hooks.record("hook_resid_pre", residual, dModel);
    hooks.runsInParallel();
    for (const name of ["ln2.hook_normalized", "ln2.hook_out"])
      graph.withoutHook(hooks.name(name), "the MLP of this model reads ln1.hook_out");
    const normalized = layerNorm(graph, residual, {
      module: `${module}.input_layernorm`,
      width: dModel,
      eps,
      hook: hooks.name("ln1"),
      aliases: hooks.modules(".input_layernorm"),
    });
    const attnOut = attention(hooks, module, normalized);
    const added = add(graph, attnOut, mlp(hooks, module, normalized));
    residual = add(graph, residual, added, hooks.name("hook_resid_post"));
    hooks.record("hook_resid_post", residual, dModel, "");
  }

  const final = layerNorm(graph, residual, {
    module: "final_layernorm",
    width: dModel,
    eps,
    hook: "ln_final",
    aliases: ["model.final_layernorm", "final_layernorm"],
  });
  return unembed(graph, final, facts, {
    tied: config.boolean("tie_word_embeddings", false) ? "embed_tokens.weight" : undefined,
    head: "lm_head.weight",
    bias: "lm_head.bias",
    alias: "lm_head",
  });
}
