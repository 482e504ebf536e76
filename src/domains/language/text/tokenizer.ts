/**
 * @file Text to token ids and back, by the `tokenizer.json` of a model folder. The work is done by
 *   `@huggingface/tokenizers`; here are loading, the special tokens, and readable token texts.
 */

import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { ConcordError, FormatError, messageOf } from "../../../errors.ts";
import { exists, type JsonObject, readIfThere, readJsonObject } from "../models/checkpoint.ts";
import { withinTime } from "./limited-time.ts";
import { requireTokenizerLimits } from "./tokenizer-limits.ts";
import { tokenContent, tokenizerCommand, tokenizerOfVocabulary } from "./vocabulary-files.ts";

/** Text to token ids and back. */
export interface TextTokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** Ids that stand for no text: begin, end, padding, unknown. */
  readonly specialIds: ReadonlySet<number>;
  /**
   * What stands in front of each document: the last token that the tokenizer itself puts before a
   * text. Else it is the begin-of-text token, else the end-of-text token; undefined without any.
   */
  readonly separatorId: number | undefined;
  /**
   * What the tokenizer puts around a text by itself, such as [CLS] and [SEP]; empty for most models
   * that write text.
   */
  readonly around: { readonly before: readonly number[]; readonly after: readonly number[] };
  /**
   * Token ids of a text, without special tokens around it. Special tokens written out in the text
   * (`<|endoftext|>`) become that token, as in every Hugging Face tokenizer.
   */
  encode(text: string): Int32Array;
  /** Text of token ids, special tokens written out. */
  decode(ids: ArrayLike<number>): string;
  /**
   * One token as it looks in running text, with its space: `" girl"`. Parts of a character come as
   * `�`.
   */
  tokenText(id: number): string;
}

/** The separator's id: from `tokenizer_config.json`, else `config.json`, else a well-known name. */
function findSeparator(
  tokenizer: Tokenizer,
  config: JsonObject,
  model: JsonObject,
): number | undefined {
  for (const key of ["bos_token", "eos_token"]) {
    const token = tokenContent(config[key]);
    const id = token === undefined ? undefined : tokenizer.token_to_id(token);
    if (id !== undefined) return id;
  }
  for (const key of ["bos_token_id", "eos_token_id"]) {
    const id = model[key];
    if (typeof id === "number" && tokenizer.id_to_token(id) !== undefined) return id;
  }
  for (const name of ["<|endoftext|>", "<s>", "</s>"]) {
    const id = tokenizer.token_to_id(name);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** What the post-processor puts before and behind a text. */
function findAround(tokenizer: Tokenizer): TextTokenizer["around"] {
  const idsOf = (isWhole: boolean): number[] =>
    tokenizer.encode("a", { add_special_tokens: isWhole }).ids;
  const alone = idsOf(false);
  const whole = idsOf(true);
  for (let at = 0; at + alone.length <= whole.length; at++)
    if (alone.length > 0 && alone.every((id, i) => whole[at + i] === id))
      return { before: whole.slice(0, at), after: whole.slice(at + alone.length) };
  return { before: [], after: [] };
}

/** How long the library may take before it is broken off, in milliseconds. */
export interface TokenizerTime {
  /** To make a tokenizer. */
  readonly making: number;
  /**
   * To tokenise a text or a part of it, however short; a tenth of a millisecond per character comes
   * to it.
   */
  readonly encoding: number;
}

/** Enough for millions of tokens on a busy machine, and some hundred times what a text takes. */
const TIME: TokenizerTime = { making: 60_000, encoding: 10_000 };

/**
 * Makes a tokenizer of parsed JSON.
 *
 * @param json   Content of `tokenizer.json`.
 * @param config Content of `tokenizer_config.json`, or {}.
 * @param model  Content of `config.json`, or {}; says which token begins a text where the tokenizer
 *   does not.
 * @throws {FormatError} when the library cannot make a tokenizer of it, or takes too long.
 */
export function makeTokenizer(
  json: JsonObject,
  config: JsonObject,
  model: JsonObject,
  where: string,
  time: TokenizerTime = TIME,
): TextTokenizer {
  const encodingMs = (characters: number) => time.encoding + Math.ceil(characters / 10);
  requireTokenizerLimits(json, where);
  // The library finds out what it cannot do when it is made, or when it meets a text that asks for
  // it.
  const orRefuse = <T>(milliseconds: number, work: () => T): T => {
    try {
      return withinTime(milliseconds, work);
    } catch (cause) {
      const problem = `this kind of tokenizer cannot be used (${messageOf(cause)})`;
      throw new FormatError(where, problem, { cause });
    }
  };
  let largest = 0;
  const tokenizer = orRefuse(time.making, () => {
    const made = new Tokenizer(json, config);
    for (const id of made.get_vocab(true).values()) largest = Math.max(largest, id);
    return made;
  });
  const around = orRefuse(encodingMs(1), () => findAround(tokenizer));
  const added = [...tokenizer.get_added_tokens_decoder()];
  const specialIds = new Set(added.filter(([, token]) => token.special).map(([id]) => id));
  const decode = (ids: number[]) =>
    ids.length === 0
      ? ""
      : tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  return {
    vocabularySize: largest + 1,
    specialIds,
    separatorId: around.before.at(-1) ?? findSeparator(tokenizer, config, model),
    around,
    encode: (text) =>
      orRefuse(encodingMs(text.length), () =>
        Int32Array.from(tokenizer.encode(text, { add_special_tokens: false }).ids),
      ),
    decode: (ids) => orRefuse(encodingMs(ids.length), () => decode(Array.from(ids))),
    tokenText(id) {
      const piece = tokenizer.id_to_token(id);
      if (piece === undefined) return "";
      // SentencePiece decoders take the space off the first token, which in running text is there.
      return piece.startsWith("▁")
        ? piece.replaceAll("▁", " ")
        : orRefuse(encodingMs(1), () => decode([id]));
    },
  };
}

/** The content of `tokenizer.json`, or what older files amount to. */
async function readTokenizerJson(folder: string): Promise<[json: JsonObject, where: string]> {
  const path = join(folder, "tokenizer.json");
  if (await exists(path)) return [await readJsonObject(path), path];
  const made = await tokenizerOfVocabulary(folder);
  if (made) return [made, join(folder, "vocab.json")];
  const others = ["tokenizer.model", "spiece.model", "vocab.txt", "vocab.json"];
  const found: string[] = [];
  for (const file of others) if (await exists(join(folder, file))) found.push(file);
  throw new ConcordError("file/missing", `The model folder ${folder} has no tokenizer.json.`, {
    hint:
      found.length > 0
        ? `It has ${found.join(" and ")}: run ${tokenizerCommand(folder)}`
        : "vocab.json with merges.txt would do as well; check the path, or download the model again",
  });
}

/**
 * Loads the tokenizer of a model folder: `tokenizer.json`, else `vocab.json` and `merges.txt`, and
 * for its special tokens `tokenizer_config.json` and `config.json` where they are there.
 *
 * @throws {ConcordError} `file/missing` naming `tokenizer.json`; {FormatError} when it cannot be
 *   understood.
 */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const [json, where] = await readTokenizerJson(folder);
  const config = await readIfThere(join(folder, "tokenizer_config.json"));
  return makeTokenizer(json, config, await readIfThere(join(folder, "config.json")), where);
}
