/**
 * @file Damaged `tokenizer.json` and `config.json` files without end, and what Concord does with
 *   one. Half of them are damaged as bytes; in the others values are put in the place of values,
 *   such as expressions that never end, sizes that lie, and names of other parts.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { integerAt, randomStream } from "../../src/base/philox.ts";
import {
  type Checkpoint,
  openCheckpoint,
  parseJsonObject,
} from "../../src/domains/language/models/checkpoint.ts";
import { buildGraph } from "../../src/domains/language/models/families/registry.ts";
import { ModelConfig } from "../../src/domains/language/models/model-config.ts";
import { makeTokenizer } from "../../src/domains/language/text/tokenizer.ts";
import { mutated } from "./mutate.ts";

export type Kind = "tokenizer" | "config";

/** Inputs by number, and what is to be done with one. */
export interface Target {
  input(number: number): Uint8Array;
  run(bytes: Uint8Array): void;
}

const GOLDEN = join(import.meta.dirname, "../golden/models");

const bytes = Object.fromEntries(
  Array.from({ length: 256 }, (_, i) => [
    i < 33 || i > 126 ? String.fromCharCode(256 + i) : String.fromCharCode(i),
    i,
  ]),
);

/** Small tokenizers of every kind that the library knows. */
const TOKENIZERS: readonly object[] = [
  {
    added_tokens: [{ id: 256, content: "<|endoftext|>", special: true }],
    normalizer: { type: "NFC" },
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
    post_processor: { type: "ByteLevel", trim_offsets: false },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: { ...bytes, ab: 257 }, merges: ["a b"] },
  },
  {
    added_tokens: [{ id: 0, content: "<s>", special: true, normalized: false }],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
        { type: "Replace", pattern: { Regex: " {2,}" }, content: "▁" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: "\\p{L}+|\\s+(?!\\S)|\\d{1,3}" }, behavior: "Isolated", invert: false },
        { type: "Digits", individual_digits: true },
        { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: true },
        { type: "Punctuation", behavior: "Contiguous" },
      ],
    },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: { "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }],
    },
    model: { type: "BPE", unk_token: "<s>", byte_fallback: true, vocab: { "<s>": 0, "▁": 1, a: 2, b: 3, "▁a": 4, "<0x41>": 5 }, merges: [["▁", "a"]] },
  },
  {
    added_tokens: [{ id: 1, content: "[CLS]", special: true }, { id: 2, content: "[SEP]", special: true }],
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: ["[SEP]", 2], cls: ["[CLS]", 1] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100, vocab: { "[UNK]": 0, "[CLS]": 1, "[SEP]": 2, once: 3, "##s": 4, a: 5 } },
  },
  {
    added_tokens: [],
    normalizer: { type: "Precompiled", precompiled_charsmap: "" },
    pre_tokenizer: { type: "Metaspace", replacement: "▁", add_prefix_space: true },
    post_processor: { type: "RobertaProcessing", sep: ["</s>", 1], cls: ["<unk>", 0] },
    decoder: { type: "Metaspace", replacement: "▁", add_prefix_space: true },
    model: { type: "Unigram", unk_id: 0, vocab: [["<unk>", 0], ["</s>", 0], ["▁", -2], ["a", -3], ["▁o", -3.5], ["n", -4]] },
  },
]; // biome-ignore format: as compact as the files are

/** Values that programs trip over. */
const NASTY: readonly unknown[] = [
  null, true, false, 0, -1, 0.5, 1e9, 2 ** 31, 2 ** 53, 1e300, -1e300, "", "x", [], {},
  "(a+)+$", "(.*)*b", "(?:a|a)*b", "(\\s*)*x", "([\\p{L}]+)+!", "((a?){30}){30}b", "[", "(?<n>a)\\k<n>", "\\p{Nope}",
  "a".repeat(10_000), "\u0000\u001b[2J", "\ud800", "▁", "<0x0A>", "__proto__", "constructor",
  "Sequence", "Replace", "Split", "Prepend", "Precompiled", "ByteLevel", "Metaspace", "Unigram", "BPE", "WordPiece",
  "WordLevel", "Strip", "NFKD", "Lowercase", "Punctuation", "Digits", "FixedLength", "CTC", "WhitespaceSplit",
  { Regex: "(a+)+$" }, { String: "" }, { Regex: "" }, { type: "Replace", pattern: { Regex: "" }, content: "ab".repeat(30) },
  { type: "Sequence", normalizers: Array(8).fill({ type: "Replace", pattern: { String: "a" }, content: "aaaa" }) },
  Array(1000).fill(0), JSON.parse("[".repeat(200) + "]".repeat(200)),
  "linear", "llama3", "dynamic", "gelu", "relu", "mish", "gpt2", "llama", "gpt_neox", "mamba", "mistral", "gemma2", "gemma3", "phi",
  "full_attention", "sliding_attention", ["sliding_attention", "full_attention"], { rope_type: "llama3", factor: 0 },
]; // biome-ignore format: a list

const SAMPLE = "Once upon a time, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab! 12 é 中 <s>\n";

type Draw = (bound: number) => number;

/** All places in a JSON value: the object or list, and the key. */
function places(value: unknown): [Record<string, unknown>, string][] {
  const found: [Record<string, unknown>, string][] = [];
  const pending = [value];
  for (let next = pending.pop(); next !== undefined && found.length < 500; next = pending.pop()) {
    if (typeof next !== "object" || next === null) continue;
    for (const key of Object.keys(next)) {
      found.push([next as Record<string, unknown>, key]);
      pending.push((next as Record<string, unknown>)[key]);
    }
  }
  return found;
}

/** A JSON value with one to four of its values changed. */
function changed(seed: string, draw: Draw): string {
  const value = JSON.parse(seed);
  for (let rounds = 1 + draw(4); rounds > 0; rounds--) {
    const all = places(value);
    if (all.length === 0) break;
    const [holder, key] = all[draw(all.length)]!;
    const kind = draw(6);
    if (kind === 0) delete holder[key];
    else if (kind === 1) {
      const [other, from] = all[draw(all.length)]!;
      holder[key] = structuredClone(other[from]);
    } else if (kind === 2 && typeof holder[key] === "number")
      holder[key] = (holder[key] as number) * [2, 10, 1e6, -1, 0.5, 1e12][draw(6)]!;
    else holder[key] = structuredClone(NASTY[draw(NASTY.length)]);
  }
  return JSON.stringify(value);
}

/** Input `number` of a list of seeds. */
function inputOf(seeds: readonly string[], kind: Kind, number: number): Uint8Array {
  const stream = randomStream(number, `fuzz/model-json/${kind}`);
  let at = 0;
  const draw: Draw = (bound) => integerAt(stream, at++, bound);
  const seed = seeds[draw(seeds.length)]!;
  if (draw(2) === 0) return mutated(Buffer.from(seed), kind, number);
  return Buffer.from(changed(seed, draw));
}

function tokenizerTarget(): Target {
  const seeds = TOKENIZERS.map((tokenizer) => JSON.stringify(tokenizer));
  return {
    input: (number) => inputOf(seeds, "tokenizer", number),
    run(input) {
      const where = "tokenizer.json";
      const json = parseJsonObject(Buffer.from(input).toString("utf8"), where);
      const tokenizer = makeTokenizer(json, {}, {}, where, { making: 300, encoding: 300 });
      const ids = tokenizer.encode(SAMPLE);
      tokenizer.decode(ids);
      if (ids.length > 0) tokenizer.tokenText(ids[0]!);
    },
  };
}

/** A checkpoint of each family, by `model_type`, and Llama with biases. */
const CHECKPOINTS: Readonly<Record<string, string>> = {
  gpt2: "gpt2",
  llama: "llama-grouped",
  biased: "llama-tied",
  gpt_neox: "neox-parallel",
  mistral: "mistral",
  qwen2: "qwen2",
  qwen3: "qwen3",
  gemma2: "gemma2",
  gemma3_text: "gemma3",
  gemma3: "gemma3-images",
  phi: "phi",
};

async function configTarget(): Promise<Target> {
  const checkpoints = new Map<string, Checkpoint>();
  const seeds: string[] = [];
  for (const [type, folder] of Object.entries(CHECKPOINTS)) {
    checkpoints.set(type, await openCheckpoint(join(GOLDEN, folder)));
    seeds.push(readFileSync(join(GOLDEN, folder, "config.json"), "utf8"));
  }
  return {
    input: (number) => inputOf(seeds, "config", number),
    run(input) {
      const config = parseJsonObject(Buffer.from(input).toString("utf8"), "config.json");
      // The weights of the family, so that a config is read to its end.
      const type = String(config["model_type"]);
      const isBiased = type === "llama" && config["attention_bias"];
      const own = checkpoints.get(isBiased ? "biased" : type) ?? checkpoints.get("llama")!;
      buildGraph({ ...own, config: new ModelConfig(config, "config.json") });
    },
  };
}

/** The inputs and the work of a kind of file. */
export async function targetOf(kind: Kind): Promise<Target> {
  return kind === "tokenizer" ? tokenizerTarget() : configTarget();
}
