import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { tokenBatch } from "../../text/token-batch.ts";
import { openLanguageModel } from "../language-model.ts";

const GOLDEN = resolve(import.meta.dirname, "../../../../../test/golden/models");

/** Longer than every window of the checkpoints. */
const tokens = tokenBatch(Int32Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8), 1, 12);

type Changes = Record<string, unknown>;

/** A copy of a golden checkpoint with some keys of its config changed; undefined removes one. */
function variant(golden: string, changes: Changes): string {
  const folder = join(temporaryFolder(), golden);
  cpSync(join(GOLDEN, golden), folder, { recursive: true });
  const path = join(folder, "config.json");
  const config = { ...JSON.parse(readFileSync(path, "utf8")), ...changes };
  writeFileSync(path, JSON.stringify(config));
  return folder;
}

async function logitsOf(folder: string): Promise<Float32Array> {
  const model = await openLanguageModel(folder, { threads: 1 });
  const logits = await model.logits(tokens);
  await model.close();
  return logits;
}

const SLIDING = "sliding_attention";
const FULL = "full_attention";

describe("a config of an older or terser spelling means the same model", () => {
  test.each<[string, Changes]>([
    ["mistral", { rope_parameters: undefined, rope_theta: 50, layer_types: [SLIDING, SLIDING] }],
    ["qwen2", { layer_types: undefined, rope_parameters: undefined, rope_theta: 50 }],
    ["qwen2", { max_window_layers: 0 }],
    ["qwen3", { layer_types: undefined, sliding_window: 2 }],
    ["gemma2", { layer_types: undefined, tie_word_embeddings: undefined }],
    ["gemma2", { hidden_act: "relu", hidden_activation: undefined }],
    [
      "gemma3",
      {
        layer_types: undefined,
        rope_parameters: undefined,
        rope_theta: 500,
        rope_local_base_freq: 20,
        rope_scaling: { rope_type: "linear", factor: 2 },
      },
    ],
    ["gemma3-variant", { rope_parameters: undefined, use_bidirectional_attention: null }],
    [
      "phi",
      { rope_parameters: undefined, rope_theta: 50, num_key_value_heads: null, qk_layernorm: null },
    ],
    ["phi-variant", { rope_parameters: { rope_theta: 50 }, partial_rotary_factor: 0.25 }],
  ])("%s with %j", async (golden, changes) => {
    expect(await logitsOf(variant(golden, changes))).toEqual(await logitsOf(join(GOLDEN, golden)));
  });

  test("of Gemma 3 with images, without all that has a default", async () => {
    const { text_config } = JSON.parse(
      readFileSync(join(GOLDEN, "gemma3-images/config.json"), "utf8"),
    );
    const kept = ["hidden_size", "intermediate_size", "num_hidden_layers", "vocab_size"];
    kept.push("head_dim", "layer_types", "sliding_window");
    const terse = Object.fromEntries(kept.map((key) => [key, text_config[key]]));
    const folder = variant("gemma3-images", { text_config: terse });
    expect(await logitsOf(folder)).toEqual(await logitsOf(join(GOLDEN, "gemma3-images")));
  });
});

describe("a config that says", () => {
  test.each<[string, string, Changes, Changes]>([
    ["null for a window has none", "mistral", { sliding_window: null }, { sliding_window: 12 }],
    ["nothing about caps", "gemma2", withoutCaps(undefined), withoutCaps(30, 50)],
    ["nothing about layers of Gemma 3", "gemma3", sixth(undefined), sixth(6)],
    [
      "a window beyond every position",
      "mistral",
      { sliding_window: 1e15 },
      { sliding_window: null },
    ],
    [
      "that windows are off",
      "qwen2",
      { use_sliding_window: false, layer_types: undefined },
      { sliding_window: 12 },
    ],
  ])("%s", async (_, golden, said, meant) => {
    const logits = await logitsOf(variant(golden, said));
    expect(logits).toEqual(await logitsOf(variant(golden, meant)));
    expect(logits).not.toEqual(await logitsOf(join(GOLDEN, golden)));
  });

  test("null for soft caps has none, which differs from the default", async () => {
    const none = await logitsOf(variant("gemma2", withoutCaps(null)));
    expect(none).not.toEqual(await logitsOf(variant("gemma2", withoutCaps(undefined))));
  });
});

function withoutCaps(logits: unknown, scores = logits): Changes {
  return { final_logit_softcapping: logits, attn_logit_softcapping: scores };
}

function sixth(pattern: number | undefined): Changes {
  return { layer_types: undefined, sliding_window_pattern: pattern };
}

describe("what is not implemented is refused by key", () => {
  test.each<[string, Changes, RegExp]>([
    ["mistral", { layer_types: [FULL, SLIDING] }, /"layer_types" is \["full.*every layer sliding/],
    ["mistral", { attention_bias: true }, /"attention_bias" is true/],
    ["mistral", { partial_rotary_factor: 0.5 }, /"partial_rotary_factor" is 0\.5/],
    ["mistral", { rope_parameters: { [FULL]: { rope_theta: 9 } } }, /"rope_parameters" is /],
    ["mistral", { rope_parameters: { rope_theta: "9" } }, /"rope_theta" must be a number/],
    ["qwen2", { use_sliding_window: false }, /"use_sliding_window" is false, but "layer_types"/],
    ["qwen3", { layer_types: [FULL] }, /"layer_types" is .*a list of 2 layers/],
    ["qwen3", { layer_types: [FULL, "chunked_attention"] }, /only full_attention and sliding/],
    ["gemma2", { use_bidirectional_attention: true }, /"use_bidirectional_attention" is true/],
    ["gemma2", { sliding_window: null }, /"sliding_window" is null, but the model has/],
    ["gemma2", { query_pre_attn_scalar: 0 }, /"query_pre_attn_scalar" is 0/],
    ["gemma3", { attn_logit_softcapping: 50 }, /"attn_logit_softcapping" is 50/],
    ["gemma3", { rope_parameters: { rope_theta: 9 } }, /"rope_parameters" is .*for each of full/],
    ["gemma3-images", { text_config: 3 }, /"text_config" is 3/],
    ["phi", { partial_rotary_factor: 2, rope_parameters: null }, /"partial_rotary_factor" is 2/],
  ])("%s with %j", async (golden, changes, message) => {
    await expect(openLanguageModel(variant(golden, changes))).rejects.toMatchObject({
      code: "model/unsupported",
      message: expect.stringMatching(message),
    });
  });

  test.each<[string, Changes]>([
    ["mistral", { sliding_window: 0 }],
    ["mistral", { sliding_window: 2.5 }],
    ["gemma2", { final_logit_softcapping: -1 }],
  ])("%s with %j is not a model at all", async (golden, changes) => {
    await expect(openLanguageModel(variant(golden, changes))).rejects.toMatchObject({
      code: "format/invalid",
    });
  });
});

describe("hooks", () => {
  test.each([
    ["gemma2", "model.layers.0.post_attention_layernorm", "blocks.0.hook_attn_out"],
    ["gemma2", "model.layers.0.self_attn", "blocks.0.attn.hook_out"],
    ["gemma2", "model.layers.1.pre_feedforward_layernorm", "blocks.1.ln2.hook_out"],
    ["gemma2", "layers[1].mlp", "blocks.1.mlp.hook_out"],
    ["gemma3-images", "model.language_model.layers.0", "blocks.0.hook_resid_post"],
    ["qwen3", "model.layers.1.self_attn.q_norm", "blocks.1.attn.q_norm.hook_out"],
    ["phi-variant", "model.layers.1.self_attn.k_layernorm", "blocks.1.attn.k_norm.hook_out"],
    ["phi", "model.layers.1.self_attn.dense", "blocks.1.hook_attn_out"],
  ])("of %s are found by the module name %s as %s", async (golden, module, hook) => {
    const model = await openLanguageModel(join(GOLDEN, golden), { threads: 1 });
    expect(await model.activations(module, tokens)).toEqual(await model.activations(hook, tokens));
    await model.close();
  });

  test("of the module that makes logits are in front of the cap", async () => {
    const model = await openLanguageModel(join(GOLDEN, "gemma2"), { threads: 1 });
    const raw = await model.activations("lm_head", tokens);
    const logits = await model.logits(tokens);
    for (let i = 0; i < raw.length; i++)
      expect(logits[i]).toBeCloseTo(3 * Math.tanh(raw[i]! / 3), 5);
    expect(Math.max(...raw)).toBeGreaterThan(3);
    await model.close();
  });

  test("that Phi lacks are missing for a reason", async () => {
    const model = await openLanguageModel(join(GOLDEN, "phi"), { threads: 1 });
    await expect(model.width("blocks.0.hook_resid_mid")).rejects.toThrow(/run in parallel/);
    await expect(model.width("blocks.0.ln2.hook_out")).rejects.toThrow(/reads ln1\.hook_out/);
  });

  test("all have a meaning, and say what they hold", async () => {
    for (const golden of ["gemma3", "qwen3", "phi-variant"]) {
      const model = await openLanguageModel(join(GOLDEN, golden), { threads: 1 });
      for (const { name, meaning } of await model.describeHooks())
        expect(`${name} ${meaning}`).not.toBe(`${name} `);
    }
  });
});
