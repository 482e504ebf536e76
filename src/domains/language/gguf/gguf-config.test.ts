import { describe, expect, test } from "vitest";
import type { GgufHeader, GgufValue } from "../../../formats/gguf/gguf-header.ts";
import { GgufKeys, ggufConfig } from "./gguf-config.ts";

/** Metadata of a llama of two layers, 4 heads of 8. */
const LLAMA: Readonly<Record<string, GgufValue>> = {
  "general.architecture": "llama",
  "general.name": "anything",
  "llama.block_count": 2,
  "llama.context_length": 64,
  "llama.embedding_length": 32,
  "llama.feed_forward_length": 48,
  "llama.attention.head_count": 4,
  "llama.attention.layer_norm_rms_epsilon": 1e-5,
};

const header = (change: Readonly<Record<string, GgufValue | undefined>> = {}): GgufHeader => ({
  version: 3,
  metadata: new Map(
    Object.entries({ ...LLAMA, ...change }).filter(
      (entry): entry is [string, GgufValue] => entry[1] !== undefined,
    ),
  ),
  tensors: new Map(),
});

const read = (change?: Readonly<Record<string, GgufValue | undefined>>, tied = true) =>
  ggufConfig(new GgufKeys(header(change), "m.gguf"), { vocabularySize: 100, tied });

test("the keys become those of a Hugging Face config, defaults filled in", () => {
  const { config, sizes } = read();
  expect(config).toEqual({
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    head_dim: 8,
    hidden_act: "silu",
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    max_position_embeddings: 64,
    vocab_size: 100,
    tie_word_embeddings: true,
    torch_dtype: "float32",
  });
  expect(sizes).toEqual({ layers: 2, dModel: 32, heads: 4, keyValueHeads: 4, dHead: 8 });
});

describe("a key is honoured", () => {
  test.each<[Readonly<Record<string, GgufValue>>, object]>([
    [{ "llama.attention.head_count_kv": 2 }, { num_key_value_heads: 2 }],
    [{ "llama.rope.freq_base": 50_000 }, { rope_theta: 50_000 }],
    [
      { "llama.attention.key_length": 16, "llama.attention.value_length": 16 },
      { head_dim: 16, hidden_size: 32 },
    ],
    [{ "llama.vocab_size": 7 }, { vocab_size: 100 }],
    [{ "llama.rope.dimension_count": 8 }, { head_dim: 8 }],
    [{ "general.file_type": 2, "tokenizer.ggml.model": "gpt2" }, { head_dim: 8 }],
  ])("%j", (change, wanted) => {
    expect(read(change).config).toMatchObject(wanted);
  });

  test("an unembedding of its own is not tied", () => {
    expect(read({}, false).config["tie_word_embeddings"]).toBe(false);
  });
});

describe("a key that is missing or damaged is named with the file", () => {
  test.each<[Readonly<Record<string, GgufValue | undefined>>, string]>([
    [
      { "llama.block_count": undefined },
      'm.gguf: "llama.block_count" is missing; expected a positive integer.',
    ],
    [
      { "llama.embedding_length": 0 },
      'expected a positive integer for "llama.embedding_length" but found 0.',
    ],
    [{ "llama.feed_forward_length": 1.5 }, '"llama.feed_forward_length" but found 1.5.'],
    [{ "llama.context_length": "64" }, '"llama.context_length" but found 64.'],
    [{ "llama.attention.head_count": [4, 4] }, '"llama.attention.head_count" but found 4,4.'],
    [
      { "llama.attention.layer_norm_rms_epsilon": 0 },
      'expected a number above 0 for "llama.attention.layer_norm_rms_epsilon" but found 0.',
    ],
    [
      { "llama.attention.layer_norm_rms_epsilon": undefined },
      '"llama.attention.layer_norm_rms_epsilon" is missing; expected a number above 0.',
    ],
    [{ "llama.rope.freq_base": Number.POSITIVE_INFINITY }, '"llama.rope.freq_base" but found'],
    // Four heads do not divide 30 dimensions.
    [{ "llama.embedding_length": 30 }, "7.5"],
  ])("%j", (change, words) => {
    expect(() => read(change)).toThrow(words);
  });

  test("a long value is cut short", () => {
    const value = "x".repeat(10_000);
    expect(() => read({ "llama.block_count": value })).toThrow(/^.{1,200}$/);
  });
});

describe("a key that changes the arithmetic is refused by name", () => {
  test.each<Readonly<Record<string, GgufValue>>>([
    { "llama.rope.scaling.type": "linear" },
    { "llama.expert_count": 8 },
    { "llama.attention.sliding_window": 4096 },
    // A part of each head turned, and values of another width than keys.
    { "llama.rope.dimension_count": 4 },
    { "llama.attention.value_length": 16 },
  ])("%j", (change) => {
    expect(() => read(change)).toThrow(
      expect.objectContaining({
        code: "model/unsupported",
        message: expect.stringContaining(Object.keys(change)[0]!),
        hint: expect.stringContaining("Hugging Face"),
      }),
    );
  });

  test("all unknown keys at once, and none of other architectures", () => {
    const change = { "llama.a": 1, "llama.b": 2, "gemma.c": 3 };
    expect(() => read(change)).toThrow(/^m\.gguf: llama\.a, llama\.b may change what/);
  });
});

describe("another architecture is refused before any size is read", () => {
  test.each<[GgufValue | undefined, string]>([
    ["gemma2", "m.gguf is of architecture gemma2, but only llama is read"],
    [undefined, "m.gguf does not say which architecture it has (general.architecture)."],
    [3, "of architecture 3"],
    ["\u001b[31mred", "\\u001b[31mred"],
  ])("%j", (architecture, words) => {
    const change = { "general.architecture": architecture, "llama.block_count": undefined };
    expect(() => read(change)).toThrow(words);
  });
});
