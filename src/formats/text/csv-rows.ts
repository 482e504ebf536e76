/** @file Small CSV files as a whole: a heading and rows. */

import { FormatError } from "../../errors.ts";

/** A file with a heading. */
export interface CsvTable {
  readonly heading: readonly string[];
  /** Each as long as the heading. */
  readonly rows: readonly (readonly string[])[];
}

/** One field and what follows it: in quotes, where it may hold commas, or plain. */
const FIELD = /(?:"((?:[^"]|"")*)"|((?!")[^,\r\n]*))(,|\r?\n|$)/y;

/**
 * Reads text as RFC 4180 has it. Empty lines are left out, and blanks around fields.
 *
 * @param where Names the file in messages.
 * @throws {FormatError} naming the line, when a row is not as long as the heading or a quote is not
 *   closed.
 */
export function parseCsv(text: string, where: string): CsvTable {
  const source = text.replace(/^\ufeff/, "");
  const lines: string[][] = [];
  let row: string[] = [];
  for (FIELD.lastIndex = 0; FIELD.lastIndex < source.length || row.length > 0; ) {
    const found = FIELD.exec(source);
    if (!found) throw new FormatError(where, `a quote is not closed after row ${lines.length}.`);
    const [, quoted, plain = "", end] = found;
    row.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") lines.push(row);
    row = [];
  }
  const [heading = [], ...rows] = lines;
  const odd = rows.findIndex(({ length }) => length !== heading.length);
  if (odd >= 0)
    throw new FormatError(
      where,
      `row ${odd + 1} has ${rows[odd]!.length} fields, but the heading has ${heading.length}.`,
    );
  return { heading, rows };
}
