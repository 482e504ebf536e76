/**
 * @file One pass over stored rows before anything is done with them: which of them are not finite,
 *   and a digest of all of their bytes. A few pieces are in memory at a time, so the pass runs at
 *   the speed of the disk or the memory.
 */

import { createHash } from "node:crypto";
import { LARGEST_STORED } from "../../backend/backend.ts";
import type { DType } from "../../base/dtype.ts";
import { ConcordError } from "../../errors.ts";
import { elementsOf } from "../../formats/typed-bytes.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "./row-kernels.ts";
import { rowBytes, type StoredRows } from "./stored-rows.ts";
import { widenFrom } from "./widen-rows.ts";

/** A piece's size, whatever the config asks for: the digest depends on where pieces end. */
const PIECE_BYTES = 4 * 2 ** 20;

/** Pieces that are read and checked side by side. */
const PIECES_AT_A_TIME = 2;

/** The most rows that can be left out: their numbers are kept in memory. */
const MAX_LEFT_OUT = 10_000_000;

/** The first number that is not finite. */
export interface BadNumber {
  readonly row: number;
  readonly column: number;
  /** As it is stored; a float64 beyond the range of float32 is finite there. */
  readonly value: number;
}

/** What a pass over all rows found. */
export interface RowSurvey {
  /**
   * SHA-256, as hex, of dtype, d_in, the number of rows, and the XXH32 of every piece of 4 MiB of
   * the stored bytes. Arrays with the same digest hold the same numbers in the same order, whatever
   * kind of file they are in.
   */
  readonly digest: string;
  /** Rows that hold a number that is not finite as float32, ascending. */
  readonly badRows: readonly number[];
  /** Of the first of those rows; undefined when all rows are finite. */
  readonly first: BadNumber | undefined;
}

export interface SurveyOptions {
  /** Default: the TypeScript ones. */
  readonly kernels?: RowKernels | undefined;
  /** Rows to a piece. Default: as many as fit 4 MiB. Digests compare only for the same number. */
  readonly rowsPerPiece?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after every piece of the bytes so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Every number that these hold is finite as float32. */
const ALWAYS_FINITE: readonly DType[] = [
  "int64",
  "int32",
  "int16",
  "int8",
  "uint16",
  "uint8",
  "bool",
];

/**
 * Reads all rows once.
 *
 * @throws {ConcordError} `interrupted`; `numeric/not-finite` when more than {@link MAX_LEFT_OUT}
 *   rows are not finite; what reading throws.
 */
export async function surveyRows(
  stored: StoredRows,
  options: SurveyOptions = {},
): Promise<RowSurvey> {
  const { kernels = TYPESCRIPT_KERNELS, signal, onBytes } = options;
  const { dIn, dtype, rows } = stored;
  const bytesPerRow = rowBytes(stored);
  const rowsPerPiece = Math.min(
    rows,
    options.rowsPerPiece ?? Math.max(1, Math.floor(PIECE_BYTES / bytesPerRow)),
  );
  const pieces = rows === 0 ? 0 : Math.ceil(rows / rowsPerPiece);
  const checksums = new Uint32Array(pieces);
  const found: (BadNumber[] | undefined)[] = [];
  let [next, done, bad, stop] = [0, 0, 0, false];

  const work = async (): Promise<void> => {
    const piece = kernels.bytes(rowsPerPiece * bytesPerRow);
    const findBad = badFinder(dtype, dIn, rowsPerPiece, kernels);
    while (next < pieces && !stop) {
      const index = next++;
      const start = index * rowsPerPiece;
      const count = Math.min(rowsPerPiece, rows - start);
      const bytes = piece.subarray(0, count * bytesPerRow);
      await stored.read(start, bytes);
      checksums[index] = await kernels.checksum({ bytes });
      const badNumbers = await findBad(bytes, start);
      if (badNumbers.length > 0) found[index] = badNumbers;
      bad += badNumbers.length;
      done += bytes.byteLength;
      if (bad > MAX_LEFT_OUT) stop = true;
      if (signal?.aborted) stop = true;
      onBytes?.(done);
    }
  };
  const workers = Array.from({ length: Math.min(PIECES_AT_A_TIME, pieces) }, async () => {
    try {
      await work();
    } catch (error) {
      stop = true;
      throw error;
    }
  });
  // All have ended before a failure is told, so that the caller may close the rows.
  for (const result of await Promise.allSettled(workers))
    if (result.status === "rejected") throw result.reason;
  if (signal?.aborted)
    throw new ConcordError("interrupted", "Interrupted while the activations were checked.", {
      hint: "Run the same command again.",
    });
  if (bad > MAX_LEFT_OUT)
    throw new ConcordError(
      "numeric/not-finite",
      `More than ${MAX_LEFT_OUT} rows are not finite; that many cannot be left out.`,
      { hint: "Check what produced them." },
    );
  const badNumbers = found.flatMap((numbers) => numbers ?? []);
  const digest = createHash("sha256")
    .update(JSON.stringify([dtype, dIn, rows, rowsPerPiece]))
    .update(new Uint8Array(checksums.buffer))
    .digest("hex");
  return { digest, badRows: badNumbers.map(({ row }) => row), first: badNumbers[0] };
}

type FindBad = (bytes: Uint8Array, firstRow: number) => Promise<BadNumber[]>;

/** What finds the first bad number of every row of a piece of stored bytes. */
function badFinder(dtype: DType, dIn: number, pieceRows: number, kernels: RowKernels): FindBad {
  if (ALWAYS_FINITE.includes(dtype)) return async () => [];
  const widen = widenFrom(dtype, kernels);
  const buffer = dtype === "float32" ? undefined : new Float32Array(pieceRows * dIn);
  return async (bytes, firstRow) => {
    const stored = elementsOf(dtype, bytes);
    const count = stored.length / dIn;
    const x = buffer?.subarray(0, stored.length) ?? (stored as Float32Array);
    if (buffer) await widen({ chunks: [stored], rowsPerChunk: count, columns: dIn, count, out: x });
    const first = await kernels.narrow({ x, dtype: "float32" });
    if (first < 0) return [];
    const valueAt = (at: number) => Number(dtype === "float64" ? stored[at] : x[at]);
    return firstOfRows(x, dIn, Math.floor(first / dIn)).map((at) => ({
      row: firstRow + Math.floor(at / dIn),
      column: at % dIn,
      value: valueAt(at),
    }));
  };
}

/** Index of the first number that is not finite in every row that has one, from row `row` on. */
function firstOfRows(x: Float32Array, dIn: number, row: number): number[] {
  const indices: number[] = [];
  for (let start = row * dIn; start < x.length; start += dIn)
    for (let i = start; i < start + dIn; i++)
      if (!Number.isFinite(x[i]!)) {
        indices.push(i);
        break;
      }
  return indices;
}

/** Refuses rows that are not finite, naming the file, and row and column in it. */
export function refuseNotFinite(
  survey: RowSurvey,
  rows: number,
  where: string,
  hint: string,
): void {
  const { first, badRows } = survey;
  if (first === undefined) return;
  const beyond = Number.isFinite(first.value)
    ? `, beyond ±${LARGEST_STORED.float32}, the range of float32`
    : "";
  const share = badRows.length === 1 ? "the only such row" : `one of ${badRows.length} such rows`;
  throw new ConcordError(
    "numeric/not-finite",
    `${where}: row ${first.row}, column ${first.column} is ${first.value}${beyond}; ${share} of ${rows} (counted from 0).`,
    { hint },
  );
}
