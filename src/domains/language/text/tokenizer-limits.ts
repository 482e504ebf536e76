/**
 * @file What a `tokenizer.json` may ask for before a tokenizer is made of it. The library takes
 *   every value as it comes, and some of them fill the memory.
 */

import { isObject } from "../../../base/json.ts";
import { FormatError } from "../../../errors.ts";
import { showName } from "../../../formats/show-name.ts";
import type { JsonObject } from "../models/checkpoint.ts";
import { tokenContent } from "./vocabulary-files.ts";

/** No vocabulary comes near this; the library keeps an array as long as the largest id. */
const LARGEST_ID = 2 ** 21;

/**
 * Replacing and prepending may make a text this many times as long; tokenizers that people use stay
 * below 10.
 */
const GROWTH_MAX = 64;

/** Refuses ids that would make the library fill the memory. */
function requireIds(json: JsonObject, where: string): void {
  const { vocab } = json["model"] as { vocab?: unknown };
  const added = json["added_tokens"];
  const ids: (readonly [string, unknown])[] = [
    ...(isObject(vocab) ? Object.entries(vocab) : []),
    ...(Array.isArray(added) ? added : []).map(
      (token) => [String(tokenContent(token)), (token as { id?: unknown } | null)?.id] as const,
    ),
  ];
  for (const token of Array.isArray(added) ? added : [])
    if (tokenContent(token) === undefined)
      throw new FormatError(
        where,
        `expected text for an added token but found ${JSON.stringify(token)?.slice(0, 120)}`,
      );
  for (const [token, id] of ids)
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id > LARGEST_ID)
      throw new FormatError(
        where,
        `expected an id from 0 to ${LARGEST_ID} for token ${showName(token)} but found ${JSON.stringify(id)?.slice(0, 120)}.`,
      );
}

/**
 * Refuses scored pieces that are not text with a number: the library takes anything, and fails when
 * a piece is used.
 */
function requirePieces(json: JsonObject, where: string): void {
  const { vocab } = json["model"] as { vocab?: unknown };
  if (!Array.isArray(vocab)) return;
  for (const [index, piece] of vocab.entries())
    if (!Array.isArray(piece) || typeof piece[0] !== "string" || typeof piece[1] !== "number")
      throw new FormatError(
        where,
        `expected text and a score for piece ${index} of the vocabulary but found ${JSON.stringify(piece)?.slice(0, 120)}`,
      );
}

/**
 * How much longer a Replace may make a text, at most; a regular expression may match between all
 * characters.
 */
function growthOfReplace(pattern: unknown, content: string, where: string): number {
  const { String: text, Regex: regex } = (pattern ?? {}) as { String?: unknown; Regex?: unknown };
  if (typeof regex === "string") return 1 + content.length;
  if (typeof text === "string")
    return text === "" ? 1 + content.length : content.length / text.length;
  throw new FormatError(
    where,
    `expected a pattern of a String or a Regex but found ${JSON.stringify(pattern)?.slice(0, 120)}`,
  );
}

/** The parts of a tokenizer that change texts, from the outside in. */
function* partsOf(value: unknown): Generator<JsonObject> {
  const pending = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (!Array.isArray(next) && "type" in next) yield next as JsonObject;
    for (const item of Object.values(next)) pending.push(item);
  }
}

/**
 * Refuses patterns that the library would leave out in silence, and texts that would grow beyond
 * measure.
 */
function requireBoundedTexts(json: JsonObject, where: string): void {
  for (const stage of ["normalizer", "pre_tokenizer", "decoder"]) {
    let growth = 1;
    for (const part of partsOf(json[stage])) {
      const { type, pattern, content, prepend } = part;
      if (type === "Split") growthOfReplace(pattern, "", `${where}, ${stage}`);
      if (type === "Replace" && typeof content === "string")
        growth *= Math.max(1, growthOfReplace(pattern, content, `${where}, ${stage}`));
      if (type === "Prepend" && typeof prepend === "string") growth *= 1 + prepend.length;
    }
    if (!(growth <= GROWTH_MAX))
      throw new FormatError(
        where,
        `its ${stage} could make a text ${Math.round(growth)} times as long; ${GROWTH_MAX} times is the most`,
      );
  }
}

/**
 * Checks what a tokenizer asks for.
 *
 * @throws {FormatError} naming the token or the stage.
 */
export function requireTokenizerLimits(json: JsonObject, where: string): void {
  if (typeof json["model"] !== "object" || json["model"] === null)
    throw new FormatError(where, 'not a tokenizer: no "model" in it');
  requireIds(json, where);
  requirePieces(json, where);
  requireBoundedTexts(json, where);
}
