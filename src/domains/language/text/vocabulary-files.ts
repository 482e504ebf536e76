/**
 * @file `vocab.json` and `merges.txt`, in which older checkpoints keep their byte-level byte-pair
 *   vocabulary (GPT-2, RoBERTa), as the `tokenizer.json` that newer ones have. The parts are those
 *   into which transformers converts such a tokenizer.
 */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError, FormatError } from "../../../errors.ts";
import { ioError } from "../../../formats/io-error.ts";
import { exists, type JsonObject, readIfThere, readJsonObject } from "../models/checkpoint.ts";

/** The files of a vocabulary without a tokenizer.json. */
export const VOCABULARY_FILES = ["vocab.json", "merges.txt"] as const;

/** What a person runs to get a tokenizer.json out of another kind of vocabulary. */
export function tokenizerCommand(folder: string): string {
  return `python -c "from transformers import AutoTokenizer as T; T.from_pretrained('${folder}').save_pretrained('${folder}')"`;
}

/** Merges are megabytes; anything near this is not a list of them. */
const MERGES_BYTES_MAX = 64 * 2 ** 20;

type Family = "gpt2" | "roberta";

/** Classes of tokenizers, and model types where no class is named, by what they share with. */
const FAMILIES: Readonly<Record<string, Family>> = {
  GPT2Tokenizer: "gpt2",
  CodeGenTokenizer: "gpt2",
  gpt2: "gpt2",
  gpt_neo: "gpt2",
  gptj: "gpt2",
  RobertaTokenizer: "roberta",
  BartTokenizer: "roberta",
  LongformerTokenizer: "roberta",
  roberta: "roberta",
  bart: "roberta",
};

const END_OF_TEXT = "<|endoftext|>";

/** Special tokens where no file names them. */
const DEFAULTS: Readonly<Record<Family, Readonly<Record<string, string>>>> = {
  gpt2: { bos_token: END_OF_TEXT, eos_token: END_OF_TEXT, unk_token: END_OF_TEXT },
  roberta: {
    bos_token: "<s>",
    eos_token: "</s>",
    unk_token: "<unk>",
    pad_token: "<pad>",
    cls_token: "<s>",
    sep_token: "</s>",
    mask_token: "<mask>",
  },
};

/** A token given as text or as `{ content }`. */
export function tokenContent(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}

async function readMerges(path: string): Promise<string[][]> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MERGES_BYTES_MAX)
      throw new ConcordError("format/too-large", `${path}: ${size} bytes are too many for merges.`);
    text = await readFile(path, "utf8");
  } catch (error) {
    throw ioError(error, "read", path);
  }
  const merges: string[][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    // Only the first line is a comment: "#" begins merges too.
    if (line === "" || (index === 0 && line.startsWith("#version"))) continue;
    const pair = line.split(" ");
    if (pair.length !== 2 || pair.includes(""))
      throw new FormatError(`${path}:${index + 1}`, "expected two pieces separated by a space");
    merges.push(pair);
  }
  return merges;
}

/** Special tokens by role, as the files of a folder name them. */
async function specialTokens(folder: string, family: Family, config: JsonObject) {
  const map = await readIfThere(join(folder, "special_tokens_map.json"));
  const tokens: Record<string, string> = { ...DEFAULTS[family] };
  for (const role of Object.keys(DEFAULTS.roberta)) {
    const named = tokenContent(config[role]) ?? tokenContent(map[role]);
    if (named !== undefined) tokens[role] = named;
  }
  return tokens;
}

/**
 * The `tokenizer.json` that the older files of a folder amount to.
 *
 * @returns Undefined when the folder has not both of them.
 * @throws {ConcordError} `model/unsupported` naming the class of a tokenizer that is put together
 *   in another way; {FormatError} naming the line that is damaged.
 */
export async function tokenizerOfVocabulary(folder: string): Promise<JsonObject | undefined> {
  const [vocabPath, mergesPath] = VOCABULARY_FILES.map((file) => join(folder, file)) as [
    string,
    string,
  ];
  if (!((await exists(vocabPath)) && (await exists(mergesPath)))) return undefined;
  const config = await readIfThere(join(folder, "tokenizer_config.json"));
  const model = await readIfThere(join(folder, "config.json"));
  const named = String(config["tokenizer_class"] ?? model["model_type"] ?? "gpt2");
  const kind = named.replace(/Fast$/, "");
  const family = Object.hasOwn(FAMILIES, kind) ? FAMILIES[kind] : undefined;
  if (!family)
    throw new ConcordError(
      "model/unsupported",
      `${folder} has no tokenizer.json, and the vocab.json and merges.txt of ${JSON.stringify(named)} are not put together here.`,
      { hint: `Run ${tokenizerCommand(folder)}` },
    );
  const vocab = await readJsonObject(vocabPath);
  const added = await readIfThere(join(folder, "added_tokens.json"));
  const tokens = await specialTokens(folder, family, config);
  const special = new Set(Object.values(tokens));
  const idOf = (token: string) =>
    Object.hasOwn(added, token)
      ? added[token]
      : Object.hasOwn(vocab, token)
        ? vocab[token]
        : undefined;
  const addedTokens = [...new Set([...special, ...Object.keys(added)])].flatMap((content) => {
    const id = idOf(content);
    const lstrip = family === "roberta" && content === tokens["mask_token"];
    const flags = { single_word: false, lstrip, rstrip: false, normalized: false };
    return id === undefined ? [] : [{ id, content, ...flags, special: special.has(content) }];
  });
  const addPrefixSpace = config["add_prefix_space"] === true;
  const around = (role: string) => [tokens[role], idOf(tokens[role]!)];
  const byteLevel = { type: "ByteLevel", add_prefix_space: addPrefixSpace, trim_offsets: true };
  return {
    added_tokens: addedTokens,
    normalizer: null,
    pre_tokenizer: { ...byteLevel, use_regex: true },
    post_processor:
      family === "roberta"
        ? {
            type: "RobertaProcessing",
            sep: around("sep_token"),
            cls: around("cls_token"),
            add_prefix_space: addPrefixSpace,
          }
        : byteLevel,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      vocab,
      merges: await readMerges(mergesPath),
    },
  };
}
