import { describe, expect, test } from "vitest";
import type { GgufHeader, GgufValue } from "../../../formats/gguf/gguf-header.ts";
import { makeTokenizer } from "../text/tokenizer.ts";
import { ggufTokenizer } from "./gguf-tokenizer.ts";

/** Five tokens: three of text, an end and a token of the user. */
const TOKENS: Readonly<Record<string, GgufValue>> = {
  model: "gpt2",
  pre: "smollm",
  tokens: ["t", "h", "th", "<end>", "<mine>"],
  merges: ["t h"],
  token_type: [1, 1, 1, 3, 4],
  eos_token_id: 3,
};

function read(change: Readonly<Record<string, GgufValue | undefined>> = {}) {
  const metadata = new Map<string, GgufValue>();
  for (const [key, value] of Object.entries({ ...TOKENS, ...change }))
    if (value !== undefined) metadata.set(`tokenizer.ggml.${key}`, value);
  const header: GgufHeader = { version: 3, metadata, tensors: new Map() };
  return ggufTokenizer(header, "m.gguf");
}

test("tokens have their place as their id, and merges are pairs", () => {
  const { tokenizer, size } = read();
  expect(size).toBe(5);
  expect(tokenizer["model"]).toMatchObject({
    type: "BPE",
    vocab: { t: 0, h: 1, th: 2, "<end>": 3, "<mine>": 4 },
    merges: [["t", "h"]],
  });
});

test("control tokens are special, those of the user are added, text is neither", () => {
  const { tokenizer } = read();
  expect(tokenizer["added_tokens"]).toEqual([
    expect.objectContaining({ id: 3, content: "<end>", special: true }),
    expect.objectContaining({ id: 4, content: "<mine>", special: false }),
  ]);
});

describe("the token at the start of a text", () => {
  const processor = (change: Readonly<Record<string, GgufValue>>) =>
    read(change).tokenizer["post_processor"];

  test("is put there when the file says so and names it", () => {
    const found = read({ add_bos_token: true, bos_token_id: 3 });
    expect(found.tokenizer["post_processor"]).toMatchObject({
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<end>" } }, { Sequence: { id: "A" } }],
      special_tokens: { "<end>": { ids: [3] } },
    });
    expect(found.config).toMatchObject({ bos_token: "<end>", add_bos_token: true });
  });

  test.each<Readonly<Record<string, GgufValue>>>([
    { bos_token_id: 3 },
    { bos_token_id: 3, add_bos_token: false },
    { add_bos_token: true },
    { add_bos_token: true, bos_token_id: 99 },
  ])("is not with %j", (change) => {
    expect(processor(change)).toBeNull();
    expect(read(change).config["add_bos_token"]).toBe(false);
  });

  test("is put there for llama-bpe unless the file says otherwise, as in llama.cpp", () => {
    const llama = { pre: "llama-bpe", bos_token_id: 3 };
    expect(read(llama).config["add_bos_token"]).toBe(true);
    expect(processor(llama)).toMatchObject({ special_tokens: { "<end>": { ids: [3] } } });
    expect(processor({ ...llama, add_bos_token: false })).toBeNull();
    expect(processor({ pre: "llama-bpe" })).toBeNull();
  });
});

test("tokens are named in the config where their ids are in the vocabulary", () => {
  expect(read().config).toMatchObject({ eos_token: "<end>" });
  expect(read().config).not.toHaveProperty("unk_token");
  expect(read({ unknown_token_id: 4 }).config).toMatchObject({ unk_token: "<mine>" });
  expect(read({ eos_token_id: 17 }).config).not.toHaveProperty("eos_token");
});

describe("how text is cut", () => {
  test.each(["gpt-2", "smollm", "llama-bpe"])("as %s is known", (pre) => {
    expect(read({ pre }).tokenizer["pre_tokenizer"]).toBeDefined();
  });

  test("digits stand alone for smollm, and not for gpt-2", () => {
    const cut = (pre: string) => JSON.stringify(read({ pre }).tokenizer["pre_tokenizer"]);
    expect(cut("smollm")).toContain('"individual_digits":true');
    expect(cut("gpt-2")).not.toContain("Digits");
  });

  test("a word that is a token needs no merges for llama-bpe, and does for gpt-2", () => {
    const tokens = ["t", "h", "e", "th", "the"];
    const ids = (pre: string) => {
      const { tokenizer, config } = read({ pre, tokens, token_type: [1, 1, 1, 1, 1] });
      return [...makeTokenizer(tokenizer, config, {}, "m.gguf").encode("the")];
    };
    expect(ids("llama-bpe")).toEqual([4]);
    expect(ids("gpt-2")).toEqual([3, 2]);
  });

  test("is not guessed where the file does not say", () => {
    expect(() => read({ pre: undefined })).toThrow(
      expect.objectContaining({
        code: "model/unsupported",
        message:
          "m.gguf: its tokenizer does not say how it cuts text, but only gpt-2, smollm, llama-bpe are known.",
        hint: expect.any(String),
      }),
    );
  });

  test.each(["default", "qwen2", "constructor", ""])("as %j is refused", (pre) => {
    expect(() => read({ pre })).toThrow(
      expect.objectContaining({
        code: "model/unsupported",
        message: expect.stringMatching(/^m\.gguf: its tokenizer cuts text as .* gpt-2, smollm/),
        hint: expect.any(String),
      }),
    );
  });
});

test.each(["llama", "bert", undefined])("a vocabulary of the kind %j is refused", (model) => {
  expect(() => read({ model })).toThrow(
    expect.objectContaining({
      code: "model/unsupported",
      message: expect.stringContaining("only gpt2 (byte-level BPE) is read"),
    }),
  );
});

describe("a damaged vocabulary is named", () => {
  test.each<[Readonly<Record<string, GgufValue | undefined>>, string]>([
    [{ tokens: undefined }, 'expected a list of strings for "tokenizer.ggml.tokens".'],
    [{ tokens: "t h" }, 'expected a list of strings for "tokenizer.ggml.tokens".'],
    [{ tokens: ["t", 3] as unknown as GgufValue }, '"tokenizer.ggml.tokens"'],
    [{ merges: undefined }, 'expected a list of strings for "tokenizer.ggml.merges".'],
    [{ token_type: undefined }, 'expected a list of numbers for "tokenizer.ggml.token_type".'],
    [{ token_type: [1, 1] }, "2 token types do not fit 5 tokens."],
    [{ tokens: ["t", "t", "h", "a", "b"] }, "a token occurs twice in its vocabulary."],
    [{ merges: ["t h", "th"] }, "the merge th is not a pair."],
    [{ merges: ["t h x"] }, "the merge t h x is not a pair."],
  ])("%j", (change, words) => {
    expect(() => read(change)).toThrow(words);
  });

  test("tokens named as what every object has are tokens like others", () => {
    const tokens = ["__proto__", "constructor", "toString", "1", "0"];
    const { tokenizer, size } = read({ tokens, merges: [] });
    expect(size).toBe(5);
    const { vocab } = tokenizer["model"] as { vocab: Record<string, number> };
    expect(new Map(Object.entries(vocab)).get("__proto__")).toBe(0);
    expect(JSON.parse(JSON.stringify(vocab))["constructor"]).toBe(1);
    expect(vocab["0"]).toBe(4);
  });
});
