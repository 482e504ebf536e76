/** @file Rows of a static page: their texts, and what is said of examples. */

import type { Example } from "../../src/evidence/card.ts";
import type { PackedRow, RowFile } from "../../src/report/static-page/row-table.ts";
import { fromColumn } from "./columns.ts";

/** What an example is but for activations. */
export type KnownRow = Omit<Example, "value" | "pieces"> & { readonly texts: readonly string[] };

interface Said {
  readonly row: number;
  readonly packed: PackedRow;
  readonly where: string;
}

/** The rows of a run, from all its files. */
export class Rows {
  readonly #files: readonly RowFile[];
  readonly #perFile: number;
  readonly #said = new Map<number, Said>();

  constructor(files: readonly RowFile[], perFile: number) {
    this.#files = files;
    this.#perFile = perFile;
    for (const [i, file] of files.entries()) this.#read(file, i * perFile);
  }

  #read({ examples, count, patterns }: RowFile, first: number): void {
    const numbersOf = new Map<number, readonly number[]>();
    let row = first;
    for (const packed of fromColumn(examples, count) as PackedRow[]) {
      row += packed.step;
      const before = numbersOf.get(packed.pattern);
      const numbers = packed.numbers.map((n, i) => n + (before?.[i] ?? 0));
      numbersOf.set(packed.pattern, numbers);
      let next = 0;
      const pattern = patterns[packed.pattern] ?? "";
      const where =
        numbers.length === 0 ? pattern : pattern.replace(/#/g, () => String(numbers[next++]));
      this.#said.set(row, { row, packed, where });
    }
  }

  #textOf(row: number): string {
    const file = this.#files[Math.floor(row / this.#perFile)];
    return file?.texts[file.places[row % this.#perFile] ?? -1] ?? "";
  }

  /** What is known of a row that is an example. */
  of(row: number): KnownRow {
    const said = this.#said.get(row);
    if (!said) throw new Error(`row ${row} is missing`);
    const { held_out, group, pieces, peak, svg } = said.packed;
    return {
      row,
      held_out: held_out === 1,
      where: said.where,
      group,
      peak,
      texts: Array.from({ length: pieces }, (_, i) => this.#textOf(row - peak + i)),
      ...(svg === null ? {} : { svg }),
    };
  }
}
