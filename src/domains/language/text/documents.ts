/**
 * @file Files as documents, one at a time, so that a corpus need not fit in memory. They are plain
 * text, JSON Lines, JSON or Parquet, packed or not. docs/text.md says it for users.
 */

import { basename } from "node:path";
import { isObject } from "../../../base/json.ts";
import { FormatError } from "../../../errors.ts";
import { openForReading, readExactly } from "../../../formats/file-bytes.ts";
import { showNames } from "../../../formats/show-name.ts";
import { decodedText, encodingOf, type TextFaults } from "../../../formats/text/decode-text.ts";
import { firstJsonValue, jsonValues, parseJsonValue } from "../../../formats/text/json-values.ts";
import { type Line, linesOf, TEXT_CHARACTERS_MAX, tooLong } from "../../../formats/text/lines.ts";
import { parquetTexts } from "../../../formats/text/parquet-text.ts";
import { HEAD_BYTES, isParquet, requireText } from "../../../formats/text/recognise.ts";
import { packingOf, unpackedBytes } from "../../../formats/text/unpack.ts";
import type { DocumentFormat } from "./document-formats.ts";

/**
 * Key of a JSON object, or column of a Parquet file, that holds the text unless another is named.
 */
const TEXT_COLUMN = "text";

/** What was read, and what of it is not text. */
export interface TextTally extends TextFaults {
  /** Documents that were given out. */
  documents: number;
  /** Documents that were left out: empty, white space only, or null. */
  empty: number;
}

/** A tally of nothing yet. */
export function emptyTally(): TextTally {
  return { characters: 0, replaced: 0, controls: 0, documents: 0, empty: 0 };
}

/** How documents are to be read from a file. */
export interface DocumentOptions {
  /** How the files hold documents; by name and content when undefined. */
  readonly format?: DocumentFormat | undefined;
  /** `TEXT_COLUMN` when undefined. */
  readonly column?: string | undefined;
  /** Added to as documents come. */
  readonly tally?: TextTally;
}

const END_OF_TEXT = "<|endoftext|>";

/**
 * The most characters that are looked at to learn how a file holds documents: its first line, if
 * that is no longer.
 */
const START_CHARACTERS_MAX = 2 ** 24;

/**
 * The documents of a file, in order and character for character; those without a character that is
 * not white space are left out.
 *
 * The text is unpacked (gzip, Zstandard) and decoded (UTF-8, or UTF-16 with a byte order mark).
 * Marks are not part of it. The format is told from the file unless one is given. Parquet is known
 * by its bytes. JSON is known by `.jsonl`, `.ndjson`, `.json` or by a first value that is an object
 * with a text under `column`. Everything else is `endoftext`, which without such lines is one
 * document.
 *
 * @throws {ConcordError} `file/missing`, `file/io`, `format/too-large`; {FormatError} for what is
 *   not text, naming the place.
 */
export async function* readDocuments(
  path: string,
  options: DocumentOptions = {},
): AsyncGenerator<string> {
  const { column = TEXT_COLUMN, tally = emptyTally() } = options;
  for await (const text of textsOf(path, options.format, column, tally)) {
    if (text === null || !/\S/.test(text)) {
      tally.empty++;
      continue;
    }
    tally.documents++;
    yield text;
  }
}

async function* textsOf(
  path: string,
  format: DocumentFormat | undefined,
  column: string,
  tally: TextTally,
): AsyncGenerator<string | null> {
  const head = await headOf(path);
  if (isParquet(head)) return yield* parquetTexts(path, column, tally);
  const packing = packingOf(head);
  const unpacked = unpackedBytes(path, packing);
  try {
    const bytes = await peek(unpacked, (soFar) => soFar >= HEAD_BYTES);
    const unpackedHead = Buffer.concat(bytes.start);
    if (isParquet(unpackedHead))
      throw new FormatError(path, `it is Parquet packed by ${packing}.`, {
        hint: "Unpack it first: Parquet has compression of its own.",
      });
    requireText(unpackedHead, path);
    const decoded = decodedText(bytes.all, encodingOf(unpackedHead), path, tally);
    const pieces = await peek(
      decoded,
      (soFar, last) => hasLine(last) || soFar >= START_CHARACTERS_MAX,
    );
    const start = pieces.start.join("");
    switch (format ?? formatOf(path, start, column)) {
      case "jsonl":
        return yield* textsOfLines(linesOf(pieces.all, path), path, column, tally);
      case "json":
        for await (const { value, number } of jsonValues(pieces.all, path))
          yield textOf(value, column, `${path}, value ${number}`, tally);
        return;
      case "endoftext":
        return yield* groups(
          linesOf(pieces.all, path),
          path,
          (line) => line.trim() === END_OF_TEXT,
        );
      case "blank_lines":
        return yield* groups(linesOf(pieces.all, path), path, (line) => line.trim() === "");
      case "whole":
        return yield* groups(linesOf(pieces.all, path), path, () => false);
    }
  } finally {
    await unpacked.return(undefined);
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await openForReading(path);
  try {
    const head = new Uint8Array(Math.min(HEAD_BYTES, file.size));
    await readExactly(file, head, 0);
    return head;
  } finally {
    await file.handle.close();
  }
}

/** Whether a line break follows something else than white space. */
function hasLine(text: string): boolean {
  const at = text.search(/\S/);
  return at >= 0 && text.includes("\n", at);
}

/**
 * Reads ahead until `enough`, and gives what was read there (`start`) and from the beginning on
 * (`all`).
 */
async function peek<T extends { readonly length: number }>(
  pieces: AsyncGenerator<T>,
  enough: (soFar: number, last: T) => boolean,
): Promise<{ readonly start: readonly T[]; readonly all: AsyncGenerator<T> }> {
  const start: T[] = [];
  let soFar = 0;
  for (;;) {
    const { value, done } = await pieces.next();
    if (done === true) break;
    start.push(value);
    soFar += value.length;
    if (enough(soFar, value)) break;
  }
  async function* all() {
    try {
      yield* start;
      yield* pieces;
    } finally {
      await pieces.return(undefined);
    }
  }
  return { start, all: all() };
}

/** How a text file holds documents, by its name and its beginning. */
function formatOf(path: string, start: string, column: string): DocumentFormat {
  const name = basename(path)
    .toLowerCase()
    .replace(/\.(gz|gzip|bgz|zst|zstd)$/, "");
  const ending = /\.(jsonl|ndjson|jsonlines|json|csv|tsv)$/.exec(name)?.[1];
  if (ending === "csv" || ending === "tsv")
    throw new FormatError(path, `a .${ending} file holds a table, and tables are not read.`, {
      hint: "Write its texts as JSON Lines or Parquet. To read the file as plain text, set text_format (--text-format) to whole.",
    });
  const first = firstJsonValue(start);
  const isRecord = typeof (first as Record<string, unknown> | undefined)?.[column] === "string";
  if (ending === undefined && !(isRecord && typeof first === "object")) return "endoftext";
  if (start.trimStart().startsWith("[")) return "json";
  const line = start.trimStart().split("\n", 1)[0]!;
  const isLine = firstJsonValue(line) !== undefined;
  return isLine || (ending !== undefined && ending !== "json") ? "jsonl" : "json";
}

async function* textsOfLines(
  lines: AsyncIterable<Line>,
  path: string,
  column: string,
  tally: TextTally,
): AsyncGenerator<string | null> {
  let number = 0;
  for await (const { text: line, isEnded } of lines) {
    number++;
    // trim() takes the byte order mark off, which files that were joined have within.
    const json = line.trim();
    if (json === "") continue;
    const where = `${path}:${number}`;
    const hint = isEnded
      ? "In JSON Lines every line is a text or an object. For plain text, set text_format (--text-format)."
      : "It is the last line: the file may be truncated. Copy or write it again.";
    yield textOf(parseJsonValue(json, where, hint), column, where, tally);
  }
}

/** The text of a JSON value; null where it says that there is none. */
function textOf(value: unknown, column: string, where: string, tally: TextTally): string | null {
  const isWithKeys = isObject(value);
  const text = isWithKeys ? value[column] : value;
  if (text === null && isWithKeys) return null;
  if (typeof text !== "string") {
    const keys = isWithKeys ? Object.keys(value) : [];
    const found = isWithKeys
      ? text === undefined
        ? `keys ${showNames(keys) || "(none)"}`
        : `a ${Array.isArray(text) ? "list" : typeof text} there`
      : `${value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`}`;
    throw new FormatError(where, `expected text under "${column}" but found ${found}.`, {
      hint: "Name the key that holds the text: text_column (--text-column).",
    });
  }
  if (text.isWellFormed()) return text;
  const whole = text.toWellFormed();
  for (let i = 0; i < text.length; i++) if (text[i] !== whole[i]) tally.replaced++;
  return whole;
}

/**
 * Groups lines into documents, ended by lines of which `ends` says so. The line break before such a
 * line belongs to it, and so does the last one of a file that has such lines.
 */
async function* groups(
  lines: AsyncIterable<Line>,
  path: string,
  ends: (line: string) => boolean,
): AsyncGenerator<string> {
  let group: string[] = [];
  let length = 0;
  let isSeparated = false;
  let isEnded = false;
  for await (const line of lines) {
    isEnded = line.isEnded;
    if (ends(line.text)) {
      isSeparated = true;
      if (group.length > 0) yield group.join("\n");
      [group, length] = [[], 0];
      continue;
    }
    group.push(line.text);
    length += line.text.length + 1;
    if (length > TEXT_CHARACTERS_MAX)
      throw tooLong(path, "a document", `Separate documents by lines of ${END_OF_TEXT}.`);
  }
  if (group.length === 0) return;
  yield isSeparated || !isEnded ? group.join("\n") : `${group.join("\n")}\n`;
}
