/**
 * @file The decoder that Llama, Mistral, Qwen and Gemma share: RMSNorm, rotary positions, queries
 *   that may share keys and values in groups, a gated MLP. What differs between them is in
 *   {@link DecoderForm}. Weight names and arithmetic are those of transformers.
 */

import { BlockHooks } from "../block-hooks.ts";
import { type CausalMask, causalAttention, causalMask } from "../blocks/attention.ts";
import { add, multiply } from "../blocks/elementwise.ts";
import { tokenEmbedding } from "../blocks/embedding.ts";
import { linear } from "../blocks/linear.ts";
import type { Nonlinearity } from "../blocks/nonlinearity.ts";
import { headNorm, rmsNorm } from "../blocks/normalization.ts";
import { type RotaryTables, rotaryTables } from "../blocks/rotary.ts";
import { unembed } from "../blocks/unembedding.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { HookedGraph, type LanguageModelGraph, type ModelFacts } from "../hooked-graph.ts";
import type { LayerKind } from "../layer-kinds.ts";

/** What a family of this decoder decides. */
export interface DecoderForm {
  readonly facts: ModelFacts;
  /** What stands in front of the names of weights and modules; `model.` without it. */
  readonly prefixes?: readonly string[];
  /** Nonlinearity of the MLP's gate. */
  readonly activation: Nonlinearity;
  /** Added to the mean square by every norm. */
  readonly eps: number;
  /** Which linear layers have a bias. */
  readonly biases?: { readonly qkv?: boolean; readonly out?: boolean; readonly mlp?: boolean };
  /** Whether the embedding of tokens makes the logits as well. */
  readonly tied: boolean;
  /** The kind of a layer; without it all see every token before them. */
  readonly kindOf?: (layer: number) => LayerKind;
  /** Tokens that a layer with sliding attention sees, the current one included. */
  readonly window?: number | undefined;
  /** Inverse frequencies of the rotary embedding of a kind of layers. */
  readonly frequencies: (kind: LayerKind) => Float32Array;
  /** Factor of the attention scores; 1 / √dHead without it. */
  readonly scoreScale?: number;
  /** Soft cap of the attention scores. */
  readonly scoreCap?: number | undefined;
  /** Soft cap of the logits. */
  readonly logitCap?: number | undefined;
  /** Whether every head of queries and keys is normalised. */
  readonly headNorms?: boolean;
  /** Whether outputs of attention and MLP are normalised before they join the stream. */
  readonly postNorms?: boolean;
  /** Added to the stored gains of norms. */
  readonly gainOffset?: number;
  /** Factor of the token embedding. */
  readonly embeddingScale?: number;
}

/** What layers of one kind share. */
interface KindTensors {
  readonly mask: CausalMask;
  readonly rotary: RotaryTables;
}

/** A linear layer whose output is a hook, or only a tensor with module names. */
interface Projection {
  readonly part: string;
  readonly hook: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean | undefined;
  readonly aliases?: readonly string[];
}

/**
 * Builds the graph of a checkpoint of this decoder.
 *
 * @throws {ConcordError} `model/unsupported` where a layer slides and the config has no window;
 *   {FormatError} when a weight is missing or misshapen.
 */
export function decoder(checkpoint: Checkpoint, form: DecoderForm): LanguageModelGraph {
  const { facts, eps, gainOffset, biases = {} } = form;
  const { dModel, dMlp, heads, keyValueHeads, dHead } = facts;
  const prefixes = form.prefixes ?? ["model."];
  const graph = new HookedGraph(checkpoint, ...prefixes);

  const kinds = new Map<LayerKind, KindTensors>();
  function tensorsOf(kind: LayerKind): KindTensors {
    const made = kinds.get(kind);
    if (made) return made;
    const window = kind === "sliding_attention" ? form.window : undefined;
    if (kind === "sliding_attention" && window === undefined)
      throw checkpoint.config.unsupported(
        "sliding_window",
        "the model has layers with sliding attention, which need a window",
      );
    const rotary = rotaryTables(graph, form.frequencies(kind), `inverse_frequencies:${kind}`);
    const tensors = { mask: causalMask(graph, window), rotary };
    kinds.set(kind, tensors);
    return tensors;
  }

  function project(hooks: BlockHooks, x: string, module: string, layer: Projection): string {
    const { part, hook, inputs, outputs, aliases = [] } = layer;
    const y = linear(graph, x, {
      weight: `${module}${part}.weight`,
      bias: layer.bias ? `${module}${part}.bias` : undefined,
      inputs,
      outputs,
      output: hooks.name(hook),
    });
    return hooks.record(hook, y, outputs, part, ...aliases);
  }

  /** Norm of a block: the module of the checkpoint, and the name of its hooks. */
  function norm(hooks: BlockHooks, x: string, module: string, part: string, name: string) {
    return rmsNorm(graph, x, {
      module: `${module}${part}`,
      width: dModel,
      eps,
      gainOffset,
      hook: hooks.name(name),
      aliases: hooks.modules(part),
    });
  }

  /** Queries or keys with every head normalised. */
  function perHead(hooks: BlockHooks, x: string, module: string, name: "q" | "k", count: number) {
    if (!form.headNorms) return x;
    const part = `.self_attn.${name}_norm`;
    return headNorm(graph, x, "rms", count, {
      module: `${module}${part}`,
      width: dHead,
      eps,
      gainOffset,
      hook: hooks.name(`attn.${name}_norm`),
      aliases: hooks.modules(part),
    });
  }

  function attention(hooks: BlockHooks, module: string, x: string, kind: LayerKind): string {
    const make = (name: string, count: number) =>
      project(hooks, x, module, {
        part: `.self_attn.${name}_proj`,
        hook: `attn.hook_${name}`,
        inputs: dModel,
        outputs: count * dHead,
        bias: biases.qkv,
      });
    const q = make("q", heads);
    const k = make("k", keyValueHeads);
    const v = make("v", keyValueHeads);
    const inputs = {
      q: perHead(hooks, q, module, "q", heads),
      k: perHead(hooks, k, module, "k", keyValueHeads),
      v,
    };
    const z = causalAttention(graph, inputs, facts, {
      scale: form.scoreScale ?? 1 / Math.sqrt(dHead),
      cap: form.scoreCap,
      ...tensorsOf(kind),
      output: hooks.name("attn.hook_z"),
    });
    hooks.record("attn.hook_z", z, heads * dHead);
    return project(hooks, z, module, {
      part: ".self_attn.o_proj",
      hook: form.postNorms ? "attn.hook_out" : "hook_attn_out",
      inputs: heads * dHead,
      outputs: dModel,
      bias: biases.out,
      aliases: [".self_attn"],
    });
  }

  function mlp(hooks: BlockHooks, module: string, x: string): string {
    const make = (part: string, hook: string) =>
      project(hooks, x, module, { part, hook, inputs: dModel, outputs: dMlp, bias: biases.mlp });
    const gate = make(".mlp.gate_proj", "mlp.hook_pre");
    const straight = make(".mlp.up_proj", "mlp.hook_pre_linear");
    const activated = form.activation(graph, gate);
    const post = multiply(graph, activated, straight, hooks.name("mlp.hook_post"));
    hooks.record("mlp.hook_post", post, dMlp);
    return project(hooks, post, module, {
      part: ".mlp.down_proj",
      hook: form.postNorms ? "mlp.hook_out" : "hook_mlp_out",
      inputs: dMlp,
      outputs: dModel,
      bias: biases.mlp,
      aliases: [".mlp"],
    });
  }

  /** Module names of a part of the model. */
  const named = (part: string) => [...prefixes.map((prefix) => prefix + part), part];

  let residual = tokenEmbedding(graph, facts, {
    weight: "embed_tokens.weight",
    aliases: named("embed_tokens"),
    scale: form.embeddingScale,
  });
  const beforeMlp = form.postNorms ? ".pre_feedforward_layernorm" : ".post_attention_layernorm";
  for (let layer = 0; layer < facts.layers; layer++) {
    const module = `layers.${layer}`;
    const hooks = new BlockHooks(graph, layer, named(module));
    /** What attention or the MLP adds to the stream, as the hook `name`. */
    const added = (x: string, part: string, postNorm: string, name: string) =>
      form.postNorms ? hooks.record(name, norm(hooks, x, module, part, postNorm), dModel) : x;

    hooks.record("hook_resid_pre", residual, dModel);
    const kind = form.kindOf?.(layer) ?? "full_attention";
    const ln1 = norm(hooks, residual, module, ".input_layernorm", "ln1");
    const attended = attention(hooks, module, ln1, kind);
    const attnOut = added(attended, ".post_attention_layernorm", "ln1_post", "hook_attn_out");
    const middle = add(graph, residual, attnOut, hooks.name("hook_resid_mid"));
    hooks.record("hook_resid_mid", middle, dModel);
    const computed = mlp(hooks, module, norm(hooks, middle, module, beforeMlp, "ln2"));
    const mlpOut = added(computed, ".post_feedforward_layernorm", "ln2_post", "hook_mlp_out");
    residual = add(graph, middle, mlpOut, hooks.name("hook_resid_post"));
    hooks.record("hook_resid_post", residual, dModel, "");
  }

  const final = rmsNorm(graph, residual, {
    module: "norm",
    width: dModel,
    eps,
    gainOffset,
    hook: "ln_final",
    aliases: named("norm"),
  });
  return unembed(graph, final, facts, {
    tied: form.tied ? "embed_tokens.weight" : undefined,
    head: "lm_head.weight",
    alias: "lm_head",
    cap: form.logitCap,
  });
}
