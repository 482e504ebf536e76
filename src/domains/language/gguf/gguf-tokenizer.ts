/**
 * @file The vocabulary of a GGUF file as `tokenizer.json` and `tokenizer_config.json`: byte-level
 *   byte-pair encoding with its merges. SentencePiece vocabularies (`llama`) are refused.
 */

import { ConcordError, FormatError } from "../../../errors.ts";
import type { GgufHeader } from "../../../formats/gguf/gguf-header.ts";
import { showName } from "../../../formats/show-name.ts";

/** Kinds of tokens that the text of a document is not cut into, as the file numbers them. */
const [CONTROL, USER_DEFINED] = [3, 4];

const BYTES = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };
const split = (Regex: string) => ({
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false },
    { ...BYTES, use_regex: false },
  ],
});

/**
 * The one that takes a whole word that is a token without merging, and begins a text unless the
 * file says otherwise. The tokenizer.json of Llama 3 says the former, llama.cpp does both.
 */
const LLAMA_3 = "llama-bpe";

/** How text is cut before merging, by `tokenizer.ggml.pre`. */
const PRE_TOKENIZERS: Readonly<Record<string, unknown>> = {
  "gpt-2": { ...BYTES, use_regex: true },
  smollm: {
    type: "Sequence",
    pretokenizers: [
      { type: "Digits", individual_digits: true },
      { ...BYTES, use_regex: true },
    ],
  },
  [LLAMA_3]: split(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
};

/** Both files, and the number of tokens. */
export interface GgufTokenizer {
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly size: number;
}

/** Reads `tokenizer.ggml.*`. */
class Vocabulary {
  readonly #metadata: GgufHeader["metadata"];
  readonly #path: string;

  constructor(metadata: GgufHeader["metadata"], path: string) {
    this.#metadata = metadata;
    this.#path = path;
  }

  get(key: string) {
    return this.#metadata.get(`tokenizer.ggml.${key}`);
  }

  /** A list of one type. @throws {FormatError} naming the key. */
  list<T extends "string" | "number">(key: string, type: T) {
    const value = this.get(key);
    if (!Array.isArray(value) || !value.every((item) => typeof item === type))
      throw new FormatError(this.#path, `expected a list of ${type}s for "tokenizer.ggml.${key}".`);
    return value as (T extends "string" ? string : number)[];
  }
}

/**
 * The tokenizer of a GGUF file.
 *
 * @throws {FormatError} naming a key that is missing or damaged; {ConcordError} `model/unsupported`
 *   for another kind of vocabulary, or another way of cutting text.
 */
export function ggufTokenizer({ metadata }: GgufHeader, path: string): GgufTokenizer {
  const vocabulary = new Vocabulary(metadata, path);
  const [model, pre] = [vocabulary.get("model"), vocabulary.get("pre")];
  const hint = "Give the Hugging Face checkpoint of the model, which brings its tokenizer.json.";
  if (model !== "gpt2")
    throw new ConcordError(
      "model/unsupported",
      `${path}: its vocabulary is of the kind ${showName(String(model))}, but only gpt2 (byte-level BPE) is read.`,
      { hint },
    );
  if (pre === undefined || !Object.hasOwn(PRE_TOKENIZERS, String(pre))) {
    const how =
      pre === undefined
        ? "does not say how it cuts text"
        : `cuts text as ${showName(String(pre))} does`;
    throw new ConcordError(
      "model/unsupported",
      `${path}: its tokenizer ${how}, but only ${Object.keys(PRE_TOKENIZERS).join(", ")} are known.`,
      { hint },
    );
  }
  const tokens = vocabulary.list("tokens", "string");
  const merges = vocabulary.list("merges", "string");
  const types = vocabulary.list("token_type", "number");
  if (types.length !== tokens.length)
    throw new FormatError(path, `${types.length} token types do not fit ${tokens.length} tokens.`);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  if (Object.keys(vocab).length !== tokens.length)
    throw new FormatError(path, "a token occurs twice in its vocabulary.");
  const bad = merges.find((merge) => merge.split(" ").length !== 2);
  if (bad !== undefined) throw new FormatError(path, `the merge ${showName(bad)} is not a pair.`);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const named = (key: string) => {
    const id = vocabulary.get(`${key}_token_id`);
    return typeof id === "number" ? tokens[id] : undefined;
  };
  const bos = named("bos");
  const isLlama3 = pre === LLAMA_3;
  const addsBos = (vocabulary.get("add_bos_token") ?? isLlama3) === true && bos !== undefined;
  return {
    size: tokens.length,
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: tokens.flatMap((content, id) =>
        types[id] === CONTROL || types[id] === USER_DEFINED
          ? [{ id, content, ...flags, special: types[id] === CONTROL }]
          : [],
      ),
      normalizer: null,
      pre_tokenizer: PRE_TOKENIZERS[String(pre)],
      post_processor: addsBos ? startingWith(bos, vocab[bos]!) : null,
      decoder: { ...BYTES, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: isLlama3,
        vocab,
        merges: merges.map((merge) => merge.split(" ")),
      },
    },
    config: {
      tokenizer_class: "PreTrainedTokenizerFast",
      ...(bos === undefined ? {} : { bos_token: bos }),
      ...(named("eos") === undefined ? {} : { eos_token: named("eos") }),
      ...(named("unknown") === undefined ? {} : { unk_token: named("unknown") }),
      add_bos_token: addsBos,
      clean_up_tokenization_spaces: false,
    },
  };
}

/** Puts a token in front of every text. */
function startingWith(token: string, id: number) {
  return {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [
      { SpecialToken: { id: token, type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { Sequence: { id: "B", type_id: 1 } },
    ],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}
