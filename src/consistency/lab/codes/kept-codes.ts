/** @file The code of many rows in memory, without its zeros, to be read row by row in any order. */

import type { EncodedBatch } from "../../../sae/sae.ts";

/** Bytes of one entry: a latent and its value. */
const ENTRY_BYTES = 8;

/** Bytes of codes that are kept in memory, those of all SAEs together. */
export const MOST_CODE_BYTES = 2 ** 30;

/** A code that was appended, its rows starting at row `start`. */
interface Piece extends EncodedBatch {
  readonly start: number;
}

/** What one row's entries are: those from `from` to `to` of `indices` and `values`. */
export interface CodeRow {
  readonly indices: Int32Array;
  readonly values: Float32Array;
  readonly from: number;
  readonly to: number;
}

/** The code of rows through one SAE, and its sums over them by latent, [latents]. */
export class KeptCodes {
  readonly latents: number;
  /** Rows in which each latent is active. */
  readonly active: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  readonly #pieces: Piece[] = [];
  rows = 0;

  constructor(latents: number) {
    this.latents = latents;
    this.active = new Float64Array(latents);
    this.sum = new Float64Array(latents);
    this.squares = new Float64Array(latents);
  }

  /** Bytes that a code would take, at most. */
  static bytesOf({ rows, indptr }: EncodedBatch): number {
    return ENTRY_BYTES * indptr[rows]! + Int32Array.BYTES_PER_ELEMENT * (rows + 1);
  }

  /** Appends the rows of a code. */
  append({ rows, indptr, indices, values }: EncodedBatch): void {
    const kept = {
      indptr: new Int32Array(rows + 1),
      indices: new Int32Array(indptr[rows]!),
      values: new Float32Array(indptr[rows]!),
    };
    let to = 0;
    for (let r = 0; r < rows; r++) {
      for (let e = indptr[r]!; e < indptr[r + 1]!; e++) {
        const [latent, value] = [indices[e]!, values[e]!];
        if (value === 0) continue;
        kept.indices[to] = latent;
        kept.values[to++] = value;
        this.active[latent]!++;
        this.sum[latent]! += value;
        this.squares[latent]! += value * value;
      }
      kept.indptr[r + 1] = to;
    }
    this.#pieces.push({ start: this.rows, rows, ...kept });
    this.rows += rows;
  }

  /** The codes as they were appended. */
  get pieces(): readonly EncodedBatch[] {
    return this.#pieces;
  }

  /** Row `row`, which is below `rows`. */
  row(row: number): CodeRow {
    const piece = this.#pieceOf(row);
    const at = row - piece.start;
    const { indices, values, indptr } = piece;
    return { indices, values, from: indptr[at]!, to: indptr[at + 1]! };
  }

  /** The piece that holds a row. */
  #pieceOf(row: number): Piece {
    let [from, to] = [0, this.#pieces.length - 1];
    while (from < to) {
      const middle = (from + to + 1) >>> 1;
      if (this.#pieces[middle]!.start <= row) from = middle;
      else to = middle - 1;
    }
    return this.#pieces[from]!;
  }

  /**
   * The same entries ordered by latent: those of latent i from indptr[i] to indptr[i + 1], by row.
   */
  byLatent(): { indptr: Int32Array; rows: Int32Array; values: Float32Array } {
    const indptr = new Int32Array(this.latents + 1);
    for (let i = 0; i < this.latents; i++) indptr[i + 1] = indptr[i]! + this.active[i]!;
    const at = indptr.slice();
    const rows = new Int32Array(indptr[this.latents]!);
    const values = new Float32Array(rows.length);
    for (const piece of this.#pieces)
      for (let r = 0; r < piece.rows; r++)
        for (let e = piece.indptr[r]!; e < piece.indptr[r + 1]!; e++) {
          const to = at[piece.indices[e]!]!++;
          rows[to] = piece.start + r;
          values[to] = piece.values[e]!;
        }
    return { indptr, rows, values };
  }

  /** Σ (z − mean)² of a latent over the rows; 0 for one that has the same value in all. */
  variation(latent: number): number {
    const spread = this.squares[latent]! - this.sum[latent]! ** 2 / this.rows;
    // Equal values leave a rest of rounding.
    return spread > 1e-12 * this.squares[latent]! ? spread : 0;
  }
}

/** Keeps the codes of several SAEs, the same rows of each, as far as they fit in memory. */
export class CodeKeeper {
  /** By SAE; undefined before its first rows. */
  readonly kept: (KeptCodes | undefined)[];
  readonly #latents: readonly number[];
  readonly #most: number;
  #bytes = 0;

  /** @param latents Number of latents of each SAE. */
  constructor(latents: readonly number[], mostBytes = MOST_CODE_BYTES) {
    this.#latents = latents;
    this.#most = mostBytes;
    this.kept = latents.map(() => undefined);
  }

  /** Keeps a batch through every SAE, or nothing from the first batch on that does not fit. */
  keep(codes: readonly (EncodedBatch | undefined)[]): void {
    for (const code of codes) this.#bytes += code ? KeptCodes.bytesOf(code) : 0;
    if (this.#bytes > this.#most) return;
    for (const [i, code] of codes.entries()) {
      if (!code) continue;
      this.kept[i] ??= new KeptCodes(this.#latents[i]!);
      this.kept[i].append(code);
    }
  }
}
