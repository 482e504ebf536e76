/**
 * @file Fields of a JSON object that somebody else wrote: read, or refused in a line that names
 *   file and key.
 */

import { readFile } from "node:fs/promises";
import { isObject, type Json } from "../base/json.ts";
import { FormatError, messageOf } from "../errors.ts";
import { DAMAGED } from "../formats/damaged.ts";
import { ioError } from "../formats/io-error.ts";
import { showName } from "../formats/show-name.ts";

/** A JSON value for a message. */
export function shown(value: unknown): string {
  return value === undefined ? "nothing" : showName(JSON.stringify(value));
}

/**
 * The JSON object in a file. @throws {FormatError} when it holds something else; {ConcordError}
 * `file/missing`.
 */
export async function readJsonObject(file: string): Promise<Json> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new FormatError(file, `not JSON: ${showName(messageOf(error))}`, DAMAGED);
    throw ioError(error, "read", file);
  }
  if (!isObject(json)) throw new FormatError(file, "expected a JSON object", DAMAGED);
  return json;
}

/** An integer from 1 to `most`. @throws {FormatError} naming the key. */
export function countField(file: string, key: string, value: unknown, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most)
    return value;
  const range = most === Number.MAX_SAFE_INTEGER ? "a positive integer" : `1 to ${most}`;
  throw new FormatError(file, `expected ${range} for ${key} but found ${shown(value)}.`);
}

/** A boolean, or `missing` where there is none. @throws {FormatError} naming the key. */
export function booleanField<T>(file: string, json: Json, key: string, missing: T): boolean | T {
  const value = json[key] ?? undefined;
  if (value === undefined) return missing;
  if (typeof value === "boolean") return value;
  throw new FormatError(file, `expected true or false for ${key} but found ${shown(value)}.`);
}

/** The error for a value that is well formed but has no meaning here. */
export function unsupported(
  file: string,
  key: string,
  value: unknown,
  supported: string,
  hint?: string,
): FormatError {
  const details = hint === undefined ? {} : { hint };
  return new FormatError(file, `${key} ${shown(value)} is not supported (${supported}).`, details);
}
