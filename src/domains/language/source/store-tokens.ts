/** @file Reads back which tokens the rows of a store are of, in bounded memory. */

import { ConcordError, FormatError, ShapeError } from "../../../errors.ts";
import { type OpenCheckedFile, openCheckedFile } from "../../../formats/checked-file.ts";
import {
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  type TensorEntry,
} from "../../../formats/safetensors-header.ts";
import { bytesOf } from "../../../formats/typed-bytes.ts";
import { oneAtATime } from "../../../sources/rows/one-at-a-time.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../../../sources/rows/row-kernels.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import { rowsOfIndex } from "../../../sources/shards/shard-index.ts";
import { tokenTensors } from "./token-file.ts";

/** What some rows of a store are of, [rows] each. */
export interface RowTokens {
  /** Token ids. */
  readonly tokens: Int32Array;
  /** Index of the document that the token came from, as documents were read. */
  readonly documents: Int32Array;
  /** Window in which the model saw the token. */
  readonly windows: Int32Array;
  /** Position of the token in its window, from 0 on. */
  readonly positions: Int32Array;
}

/** Some windows as the model saw them, special tokens included. */
export interface WindowTokens {
  /** [windows, contextLength]; 0 behind the end of a window. */
  readonly ids: Int32Array;
  /** [windows, contextLength]; −1 behind the end of a window. */
  readonly documents: Int32Array;
  /** Tokens of each window, [windows]; what follows in `ids` is padding. */
  readonly lengths: Int32Array;
}

/** The tokens of a store, open for reading. */
export interface StoreTokens {
  /** Rows that the complete store has. */
  readonly rows: number;
  readonly windows: number;
  /** Tokens in a window. */
  readonly contextLength: number;
  /** Ids without text: of the separator and of the tokenizer's special tokens. */
  readonly specialIds: ReadonlySet<number>;
  /**
   * What the rows [start, start + count) are of.
   * @throws {ShapeError} when they reach beyond `rows`.
   */
  readRows(start: number, count: number): Promise<RowTokens>;
  /** The windows [start, start + count). @throws {ShapeError} when they reach beyond `windows`. */
  readWindows(start: number, count: number): Promise<WindowTokens>;
  close(): Promise<void>;
}

/**
 * Opens the token ids that a store keeps beside its rows. Reading checks every block of the file
 * that it touches; a mebibyte and what is asked for are in memory.
 *
 * @param options.kernels The backend that computes the checksums; default plain TypeScript.
 * @throws {ConcordError} `file/missing` when the folder is not a store, or its store has no token
 *   ids. Then an earlier version collected it, or its rows are not of a text. {FormatError} when
 *   the file is damaged.
 *
 * @example
 * const tokens = await openStoreTokens("acts");
 * const { windows, positions } = await tokens.readRows(1234, 1);
 * const context = await tokens.readWindows(windows[0]!, 1);
 */
export async function openStoreTokens(
  folder: string,
  options: { readonly kernels?: RowKernels } = {},
): Promise<StoreTokens> {
  const { kernels = TYPESCRIPT_KERNELS } = options;
  const index = await readShardIndex(folder);
  if (index.tokens === undefined) {
    const isText = index.provenance.kind === "language_model";
    throw new ConcordError(
      "file/missing",
      `The store ${folder} has no token ids: ${isText ? "an earlier version collected it" : "its rows are not of a text"}.`,
      isText ? { hint: "Collect it again into another folder." } : {},
    );
  }
  const checksum = (bytes: Uint8Array) => kernels.checksum({ bytes });
  const file = await openCheckedFile(folder, index.tokens, checksum);
  try {
    const tokens = await asStoreTokens(file, index.tokens.bytes);
    if (index.complete && tokens.rows !== rowsOfIndex(index))
      throw new FormatError(
        file.path,
        `it is of ${tokens.rows} rows; the store has ${rowsOfIndex(index)}.`,
      );
    return tokens;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function asStoreTokens(file: OpenCheckedFile, bytes: number): Promise<StoreTokens> {
  const first = new Uint8Array(Math.min(LENGTH_BYTES, bytes));
  await file.read(0, first);
  const json = new Uint8Array(headerLength(first, bytes, file.path));
  await file.read(LENGTH_BYTES, json);
  const header = parseHeader(json, bytes, file.path);
  const at = tokenTensors(header.tensors, file.path);
  const [windows, contextLength] = at.ids.shape as [number, number];
  const rows = at.row_positions.shape[0]!;
  const queue = oneAtATime();
  const read = async ({ start }: TensorEntry, from: number, count: number): Promise<Int32Array> => {
    const out = new Int32Array(count);
    await queue(() => file.read(start + 4 * from, bytesOf(out)));
    return out;
  };
  const requireWithin = (what: string, start: number, count: number, of: number): void => {
    const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(count);
    if (isRange && start >= 0 && count >= 0 && start + count <= of) return;
    throw new ShapeError(file.path, `${what} within 0 to ${of}`, `${start} to ${start + count}`);
  };
  return {
    rows,
    windows,
    contextLength,
    specialIds: specialIdsOf(header.metadata, file.path),
    async readRows(start, count) {
      requireWithin("rows", start, count, rows);
      const places = await read(at.row_positions, start, count);
      requireAscending(places, windows * contextLength, file.path);
      const tokens = new Int32Array(count);
      const documents = new Int32Array(count);
      if (count > 0) {
        // Between two rows are only tokens that have none.
        const [from, to] = [places[0]!, places[count - 1]! + 1];
        const ids = await read(at.ids, from, to - from);
        const documentOf = await read(at.documents, from, to - from);
        for (const [i, place] of places.entries()) {
          tokens[i] = ids[place - from]!;
          documents[i] = documentOf[place - from]!;
        }
      }
      return {
        tokens,
        documents,
        windows: places.map((place) => Math.floor(place / contextLength)),
        positions: places.map((place) => place % contextLength),
      };
    },
    async readWindows(start, count) {
      requireWithin("windows", start, count, windows);
      return {
        ids: await read(at.ids, start * contextLength, count * contextLength),
        documents: await read(at.documents, start * contextLength, count * contextLength),
        lengths: await read(at.lengths, start, count),
      };
    },
    close: () => file.close(),
  };
}

function requireAscending(places: Int32Array, of: number, where: string): void {
  let last = -1;
  for (const place of places) {
    if (place <= last || place >= of)
      throw new FormatError(where, `row_positions must ascend and stay below ${of}.`);
    last = place;
  }
}

function specialIdsOf(metadata: Readonly<Record<string, string>>, where: string): Set<number> {
  try {
    const ids: unknown = JSON.parse(metadata["special_ids"] ?? "");
    if (Array.isArray(ids) && ids.every((id) => Number.isSafeInteger(id))) return new Set(ids);
  } catch {
    // Said below.
  }
  throw new FormatError(where, "special_ids must be a JSON list of integers.");
}
