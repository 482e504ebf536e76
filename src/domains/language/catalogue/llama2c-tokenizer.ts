/**
 * @file llama2.c's `tokenizer.bin` as a Hugging Face `tokenizer.json`: byte-pair encoding over
 *   SentencePiece pieces with fallback to bytes. In the file: int32 longest piece, then for every
 *   id float32 score, int32 length, UTF-8 bytes.
 *
 * Ids 0 to 2 are unknown, begin and end. Ids 3 to 258 are the 256 single bytes, written as the
 * character of that code. So "a" stands there twice: as byte 0x61 (id 100) and as the piece (id
 * 29874). The model was trained on the piece. Here the bytes get their own names, `<0x61>`, and the
 * doubles are gone.
 */

import { isUtf8 } from "node:buffer";
import { FormatError } from "../../../errors.ts";

export interface Piece {
  readonly text: string;
  readonly score: number;
}

const FIRST_BYTE_ID = 3;
const FIRST_PIECE_ID = FIRST_BYTE_ID + 256;
const SPECIAL = ["<unk>", "<s>", "</s>"] as const;

/** No piece of a SentencePiece vocabulary comes near this. */
const PIECE_BYTES_MAX = 4096;

/**
 * Parses `tokenizer.bin`: special tokens as `<s>`, bytes as `<0x61>`, spaces inside pieces as ▁.
 *
 * @throws {FormatError} when the file does not hold exactly `vocabularySize` pieces.
 */
export function parseLlama2cTokenizer(
  bytes: Uint8Array,
  vocabularySize: number,
  where = "tokenizer.bin",
): Piece[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: Piece[] = [];
  let at = 4;
  for (let id = 0; id < vocabularySize; id++) {
    const length = at + 8 <= bytes.byteLength ? view.getInt32(at + 4, true) : -1;
    if (length < 0 || length > PIECE_BYTES_MAX || at + 8 + length > bytes.byteLength)
      throw new FormatError(`${where} at byte ${at}`, `no piece with id ${id}`);
    const score = view.getFloat32(at, true);
    const text = pieceName(id, bytes.subarray(at + 8, at + 8 + length));
    if (text === undefined)
      throw new FormatError(`${where} at byte ${at + 8}`, `piece ${id} is not UTF-8`);
    pieces.push({ text, score });
    at += 8 + length;
  }
  if (at !== bytes.byteLength)
    throw new FormatError(
      `${where} at byte ${at}`,
      `bytes left over after ${vocabularySize} pieces`,
    );
  return pieces;
}

/** Undefined when the bytes are not text. */
function pieceName(id: number, bytes: Uint8Array): string | undefined {
  if (id < FIRST_BYTE_ID) return SPECIAL[id]!;
  if (id < FIRST_PIECE_ID) {
    const byte = (id - FIRST_BYTE_ID).toString(16).toUpperCase().padStart(2, "0");
    return `<0x${byte}>`;
  }
  if (!isUtf8(bytes)) return undefined;
  return Buffer.from(bytes).toString("utf8").replaceAll(" ", "▁");
}

/**
 * Every way to make a piece of two others, best piece first; ways of the same piece by where they
 * split it.
 *
 * llama2.c joins the neighbours whose joint piece scores best, the leftmost of equals. Ranking
 * pairs instead gives the same result except where two ways to make the same piece overlap.
 */
export function mergePairs(pieces: readonly Piece[]): [string, string][] {
  const known = new Set(pieces.slice(FIRST_PIECE_ID).map((piece) => piece.text));
  const order = pieces
    .map(({ text, score }, id) => ({ text, score, id }))
    .slice(FIRST_PIECE_ID)
    .sort((a, b) => b.score - a.score || a.id - b.id);
  return order.flatMap(({ text }) => {
    const characters = Array.from(text);
    const pairs: [string, string][] = [];
    for (let cut = 1; cut < characters.length; cut++) {
      const [left, right] = [characters.slice(0, cut).join(""), characters.slice(cut).join("")];
      if (known.has(left) && known.has(right)) pairs.push([left, right]);
    }
    return pairs;
  });
}

/**
 * The `tokenizer.json` of a vocabulary. As SentencePiece does, a space is put in front of the text
 * and spaces become ▁.
 *
 * @throws {FormatError} when a piece occurs twice.
 */
export function llama2cTokenizerJson(pieces: readonly Piece[]): Record<string, unknown> {
  const vocab: Record<string, number> = Object.fromEntries(
    pieces.map(({ text }, id) => [text, id]),
  );
  if (Object.keys(vocab).length !== pieces.length)
    throw new FormatError("tokenizer.bin", "the same piece occurs twice among the pieces");
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({ id, content, ...flags, special: true })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [
        { SpecialToken: { id: "<s>", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "<s>", type_id: 1 } },
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab,
      merges: mergePairs(pieces),
    },
  };
}
