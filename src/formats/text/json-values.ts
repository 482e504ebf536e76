/**
 * @file The values of a JSON text that comes in pieces. They are the elements of its outermost
 * list, or the values one after the other where there is no list. One value is in memory at a time.
 */

import { FormatError } from "../../errors.ts";
import { TEXT_CHARACTERS_MAX, tooLong } from "./lines.ts";

/** A value, which one it is, from 1 on, and the line that it begins in. */
export interface JsonValue {
  readonly value: unknown;
  readonly number: number;
  readonly line: number;
}

const CUT_SHORT = "The file may be truncated: copy or write it again.";

/** Parses one value. @throws {FormatError} naming the place. */
export function parseJsonValue(text: string, where: string, hint: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(where, "it is not JSON here.", { hint, cause: error });
  }
}

/**
 * Splits JSON text into values. Line breaks may stand anywhere that JSON allows white space.
 *
 * @throws {FormatError} naming the line of what is not JSON, or when the text ends within a value
 *   or list; {ConcordError} `format/too-large` for a value of more than 2²⁸ characters.
 */
export async function* jsonValues(
  pieces: AsyncIterable<string>,
  path: string,
): AsyncGenerator<JsonValue> {
  const splitter = new Splitter(path);
  for await (const piece of pieces) yield* splitter.split(piece);
  yield* splitter.end();
}

class Splitter {
  readonly #path: string;
  #mode: "start" | "list" | "sequence" | "closed" = "start";
  /** Brackets open within the value that is being read. */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** Pieces of that value. */
  #value: string[] = [];
  #length = 0;
  #line = 1;
  #firstLine = 1;
  #number = 0;

  constructor(path: string) {
    this.#path = path;
  }

  *split(piece: string): Generator<JsonValue> {
    /** Start of the part of the value in this piece; −1 between values. */
    let start = this.#length > 0 ? 0 : -1;
    for (let i = 0; i < piece.length; i++) {
      const c = piece[i]!;
      if (c === "\n") this.#line++;
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (c === "\\") this.#isEscaped = true;
        else if (c === '"') this.#inString = false;
        continue;
      }
      const isSpace = c === " " || c === "\n" || c === "\r" || c === "\t" || c === "\ufeff";
      if (start < 0) {
        if (isSpace || !this.#begins(c)) continue;
        start = i;
        this.#firstLine = this.#line;
      } else if (this.#depth === 0 && (this.#mode === "list" ? c === "," || c === "]" : isSpace)) {
        yield this.#take(piece.slice(start, i));
        start = -1;
        if (c === "]") this.#mode = "closed";
        continue;
      }
      if (c === '"') this.#inString = true;
      else if (c === "{" || c === "[") this.#depth++;
      else if (c === "}" || c === "]") {
        if (--this.#depth < 0) throw this.#fault(`"${c}" closes nothing.`);
        // Objects may follow each other without anything between them.
        if (this.#depth === 0 && this.#mode === "sequence") {
          yield this.#take(piece.slice(start, i + 1));
          start = -1;
        }
      }
    }
    if (start >= 0) this.#keep(piece.slice(start));
  }

  *end(): Generator<JsonValue> {
    if (this.#mode === "list" || this.#inString || this.#depth > 0)
      throw this.#fault("it ends in the middle of a list or an object.", CUT_SHORT);
    if (this.#length > 0) yield this.#take("");
  }

  /** Whether a value begins with `c`, which is not white space and stands between values. */
  #begins(c: string): boolean {
    if (this.#mode === "closed") throw this.#fault("something follows the end of the list.");
    if (this.#mode === "start") {
      this.#mode = c === "[" ? "list" : "sequence";
      return this.#mode === "sequence";
    }
    if (this.#mode === "sequence" || (c !== "," && c !== "]")) return true;
    if (c === "]") this.#mode = "closed";
    return false;
  }

  #keep(part: string): void {
    this.#value.push(part);
    this.#length += part.length;
    if (this.#length > TEXT_CHARACTERS_MAX)
      throw tooLong(this.#path, "a JSON value", "Give the texts as JSON Lines.");
  }

  /** The value that ends with `part`. */
  #take(part: string): JsonValue {
    this.#keep(part);
    const text = this.#value.join("");
    const where = `${this.#path}:${this.#firstLine}`;
    this.#value = [];
    this.#length = 0;
    const hint = "A .json file is a list of texts or objects, or objects one after the other.";
    const value = parseJsonValue(text, where, hint);
    return { value, number: ++this.#number, line: this.#firstLine };
  }

  #fault(problem: string, hint?: string): FormatError {
    return new FormatError(`${this.#path}:${this.#line}`, problem, hint ? { hint } : {});
  }
}

/**
 * The first value of a text that may continue; undefined when it is not JSON, or no value has
 * ended.
 */
export function firstJsonValue(start: string): unknown {
  try {
    const splitter = new Splitter("");
    for (const { value } of splitter.split(start)) return value;
    for (const { value } of splitter.end()) return value;
  } catch {
    // Then it is not JSON.
  }
  return undefined;
}
