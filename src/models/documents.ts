/**
 * @file Text files as documents, one at a time, so that a corpus need not fit in memory.
 */

import { createReadStream } from "node:fs";
import { ConcordError, FormatError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { readJsonl } from "../formats/jsonl.ts";

/**
 * How a file holds documents:
 * `jsonl`: one JSON object a line, the text under `text`; `endoftext`: separated by lines that hold only `<|endoftext|>`;
 * `blank-lines`: separated by blank lines; `whole`: the file is one document.
 */
export const DOCUMENT_FORMATS = ["jsonl", "endoftext", "blank-lines", "whole"] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** A document this long is not text for a language model, and would not fit a JavaScript string much longer. */
const DOCUMENT_CHARACTERS_MAX = 2 ** 28;

const END_OF_TEXT = "<|endoftext|>";

/**
 * The lines of a file, without their ends. Not Node's readline, which also breaks lines at U+2028, a character of ordinary
 * web text.
 */
async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path, { encoding: "utf8", highWaterMark: 2 ** 20 });
  const withoutReturn = (line: string) => (line.endsWith("\r") ? line.slice(0, -1) : line);
  let rest = "";
  try {
    for await (const chunk of input) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      if (rest.length > DOCUMENT_CHARACTERS_MAX) throw tooLong(path);
      for (const line of lines) yield withoutReturn(line);
    }
  } catch (error) {
    throw ioError(error, "read", path);
  } finally {
    input.destroy();
  }
  if (rest !== "") yield withoutReturn(rest);
}

function tooLong(path: string): ConcordError {
  return new ConcordError(
    "format/too-large",
    `${path}: a document has more than ${DOCUMENT_CHARACTERS_MAX} characters.`,
    { hint: `separate documents in one of these ways: ${DOCUMENT_FORMATS.join(", ")}` },
  );
}

/** Groups lines into documents, ended by lines of which `ends` says so. */
async function* groups(path: string, ends: (line: string) => boolean): AsyncGenerator<string> {
  let lines: string[] = [];
  let length = 0;
  for await (const line of linesOf(path)) {
    if (ends(line)) {
      if (lines.length > 0) yield lines.join("\n");
      [lines, length] = [[], 0];
      continue;
    }
    lines.push(line);
    length += line.length + 1;
    if (length > DOCUMENT_CHARACTERS_MAX) throw tooLong(path);
  }
  if (lines.length > 0) yield lines.join("\n");
}

async function* jsonTexts(path: string, key: string): AsyncGenerator<string> {
  let number = 0;
  for await (const value of readJsonl(path)) {
    number++;
    const text = (value as Record<string, unknown> | null)?.[key];
    if (typeof text !== "string")
      throw new FormatError(`${path}, record ${number}`, `expected text under "${key}"`);
    yield text;
  }
}

/** Whether one of the first lines is an end-of-text line. */
async function hasEndOfText(path: string): Promise<boolean> {
  let seen = 0;
  for await (const line of linesOf(path)) {
    if (line.trim() === END_OF_TEXT) return true;
    if (++seen >= 10_000) return false;
  }
  return false;
}

/**
 * The documents of a text file, in order, trimmed, empty ones left out.
 *
 * @param format How they are separated; when left out, `.jsonl` files are `jsonl`, files with `<|endoftext|>` lines near their
 *   beginning `endoftext`, all others `whole`.
 * @param key    Field of a `jsonl` object that holds the text.
 * @throws {ConcordError} `file/missing`, `file/io`, {FormatError} naming the line.
 */
export async function* readDocuments(
  path: string,
  format?: DocumentFormat,
  key = "text",
): AsyncGenerator<string> {
  const chosen =
    format ??
    (path.endsWith(".jsonl") ? "jsonl" : (await hasEndOfText(path)) ? "endoftext" : "whole");
  const texts = {
    jsonl: () => jsonTexts(path, key),
    endoftext: () => groups(path, (line) => line.trim() === END_OF_TEXT),
    "blank-lines": () => groups(path, (line) => line.trim() === ""),
    whole: () => groups(path, () => false),
  }[chosen]();
  for await (const text of texts) {
    const trimmed = text.trim();
    if (trimmed !== "") yield trimmed;
  }
}
