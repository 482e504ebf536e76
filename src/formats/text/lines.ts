/** @file Text that comes in pieces, as lines. */

import { ConcordError } from "../../errors.ts";

/**
 * More characters than this are not one text, and would not fit a JavaScript string much longer.
 */
export const TEXT_CHARACTERS_MAX = 2 ** 28;

/** A line without its end, and whether it had one: the last of a file may not. */
export interface Line {
  readonly text: string;
  readonly isEnded: boolean;
}

/** The error for more text in one piece than can be held. */
export function tooLong(path: string, what: string, hint: string): ConcordError {
  const message = `${path}: ${what} has more than ${TEXT_CHARACTERS_MAX} characters.`;
  return new ConcordError("format/too-large", message, { hint });
}

/**
 * The lines of a text, ended by line feed or by carriage return and line feed. Not Node's readline,
 * which also breaks lines at U+2028, a character of ordinary web text.
 *
 * @throws {ConcordError} `format/too-large` for a line of more than 2²⁸ characters.
 */
export async function* linesOf(pieces: AsyncIterable<string>, path: string): AsyncGenerator<Line> {
  const withoutReturn = (line: string) => (line.endsWith("\r") ? line.slice(0, -1) : line);
  let rest: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf("\n"); end >= 0; end = piece.indexOf("\n", start)) {
      rest.push(piece.slice(start, end));
      yield { text: withoutReturn(rest.join("")), isEnded: true };
      [rest, length] = [[], 0];
      start = end + 1;
    }
    if (start < piece.length) rest.push(piece.slice(start));
    length += piece.length - start;
    if (length > TEXT_CHARACTERS_MAX)
      throw tooLong(path, "a line", "Break its lines, or give the texts as JSON Lines.");
  }
  if (length > 0) yield { text: rest.join(""), isEnded: false };
}
