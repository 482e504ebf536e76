/**
 * @file What a static page keeps of rows, once for all latents: the texts around them, and what is
 *   said of rows that are examples. Cards then name rows by their numbers.
 */

import type { Example } from "../../evidence/card.ts";
import { type Column, toColumn } from "./columns.ts";

/** Rows in one file. */
export const ROWS_PER_FILE = 2 ** 16;

/** What is known of a row that is an example. */
export interface PackedRow {
  /** Rows behind the example before it. */
  readonly step: number;
  readonly held_out: 0 | 1;
  readonly group: number | null;
  /** `where` with # for its numbers, in the file's list, and the numbers behind those before. */
  readonly pattern: number;
  readonly numbers: readonly number[];
  /** Pieces, and which of them is the row; 0 where rows are no text. */
  readonly pieces: number;
  readonly peak: number;
  readonly svg: string | null;
}

/** The rows of one file. */
export interface RowFile {
  readonly patterns: readonly string[];
  /** Distinct texts, the commonest first. */
  readonly texts: readonly string[];
  /** Place of each row's text among those; −1 where it is in no context. */
  readonly places: readonly number[];
  /** Rows that are examples, {@link PackedRow}, and how many. */
  readonly examples: Column;
  readonly count: number;
}

interface KnownRow extends Omit<PackedRow, "step" | "pattern" | "numbers"> {
  readonly where: string;
}

/** Collects rows from examples, and writes them as files. */
export class RowTable {
  readonly #texts = new Map<number, string>();
  readonly #rows = new Map<number, KnownRow>();

  /**
   * Takes what an example says of its row and of those around it.
   *
   * @returns Whether other examples said the same; if not, the example has to be kept whole.
   */
  add({ row, held_out, where, group, pieces, peak, svg }: Example): boolean {
    const known: KnownRow = {
      held_out: held_out ? 1 : 0,
      group,
      where,
      pieces: pieces.length,
      peak,
      svg: svg ?? null,
    };
    const before = this.#rows.get(row);
    if (before && !sameRow(before, known)) return false;
    const first = row - peak;
    const fits = pieces.every(({ text }, i) => (this.#texts.get(first + i) ?? text) === text);
    if (!fits || first < 0) return false;
    for (const [i, { text }] of pieces.entries()) this.#texts.set(first + i, text);
    this.#rows.set(row, known);
    return true;
  }

  /** The files: all rows from 0 on. */
  *files(): Generator<RowFile> {
    const last = Math.max(-1, ...maximumOf(this.#rows.keys()), ...maximumOf(this.#texts.keys()));
    const sorted = [...this.#rows].sort(([a], [b]) => a - b);
    for (let first = 0; first <= last; first += ROWS_PER_FILE) {
      const inside = sorted.filter(([row]) => row >= first && row < first + ROWS_PER_FILE);
      yield this.#file(first, Math.min(last + 1, first + ROWS_PER_FILE), inside);
    }
  }

  #file(first: number, end: number, rows: readonly (readonly [number, KnownRow])[]): RowFile {
    const texts = Array.from({ length: end - first }, (_, i) => this.#texts.get(first + i));
    const counts = new Map<string, number>();
    for (const text of texts) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
    const table = [...counts].sort((a, b) => b[1] - a[1]).map(([text]) => text);
    const placeOf = new Map(table.map((text, i) => [text, i]));
    const patterns: string[] = [];
    const numbersBefore = new Map<number, number[]>();
    let before = first;
    const examples = rows.map(([row, { where, ...known }]): PackedRow => {
      const [pattern, numbers] = patternOf(where);
      if (!patterns.includes(pattern)) patterns.push(pattern);
      const place = patterns.indexOf(pattern);
      const last = numbersBefore.get(place) ?? numbers.map(() => 0);
      numbersBefore.set(place, numbers);
      const step = row - before;
      before = row;
      const differences = numbers.map((n, i) => n - last[i]!);
      return { step, ...known, pattern: place, numbers: differences };
    });
    return {
      patterns,
      texts: table,
      places: texts.map((text) => (text === undefined ? -1 : placeOf.get(text)!)),
      examples: toColumn(examples),
      count: examples.length,
    };
  }
}

function sameRow(a: KnownRow, b: KnownRow): boolean {
  return (
    a.where === b.where &&
    a.group === b.group &&
    a.held_out === b.held_out &&
    a.pieces === b.pieces &&
    a.peak === b.peak &&
    a.svg === b.svg
  );
}

function maximumOf(values: Iterable<number>): number[] {
  let largest = -1;
  for (const value of values) largest = Math.max(largest, value);
  return [largest];
}

/** `document 12, position 34` as `document #, position #` and [12, 34]. */
function patternOf(where: string): [string, number[]] {
  const numbers: number[] = [];
  const pattern = where.replace(/(?<![\d.])(?:0|[1-9]\d{0,14})(?![\d.])/g, (digits) => {
    numbers.push(Number(digits));
    return "#";
  });
  // A text that has the sign itself stays as it is.
  return where.includes("#") ? [where, []] : [pattern, numbers];
}
