/**
 * @file `tokens.safetensors` of a store: which token, document and position each row is of, and the
 * whole stream of tokens, also of those without a row. docs/store.md describes it for other
 * programs.
 */

import { expected, FormatError } from "../../../errors.ts";
import { type CheckedFile, describeFile } from "../../../formats/checked-file.ts";
import { serializeHeader, type TensorEntry } from "../../../formats/safetensors-header.ts";
import { bytesOf } from "../../../formats/typed-bytes.ts";
import type { RowKernels } from "../../../sources/rows/row-kernels.ts";
import { TOKEN_FILE } from "../../../sources/shards/shard-index.ts";
import { countRows, isKept, type PackedTokens } from "../text/packing.ts";

/** Positions are kept in 32 bits with a sign. */
const MAX_POSITIONS = 2 ** 31 - 1;

/** Row positions that are made at a time. */
const PIECE_ROWS = 2 ** 16;

/** The tokens that the rows of a store are of. */
export interface StoredTokens {
  readonly packed: PackedTokens;
  /** Whether tokens without text have no row. */
  readonly skipSpecial: boolean;
}

/** Where the token of each row stands in the packed tokens, in pieces. */
function* rowPositions({ packed, skipSpecial }: StoredTokens): Generator<Int32Array> {
  const { ids, lengths, contextLength } = packed;
  const piece = new Int32Array(PIECE_ROWS);
  let count = 0;
  for (let window = 0; window < packed.windows; window++)
    for (let p = 0; p < lengths[window]!; p++) {
      const at = window * contextLength + p;
      if (!isKept(packed, { id: ids[at]!, position: p }, skipSpecial)) continue;
      piece[count++] = at;
      if (count < PIECE_ROWS) continue;
      yield piece;
      count = 0;
    }
  if (count > 0) yield piece.subarray(0, count);
}

/** The file's bytes, piece by piece; the same for the same tokens. */
export function* tokenFilePieces(tokens: StoredTokens): Generator<Uint8Array> {
  const { packed, skipSpecial } = tokens;
  const { windows, contextLength } = packed;
  const int32 = (...shape: number[]) => ({ dtype: "int32" as const, shape });
  const shapes = {
    documents: int32(windows, contextLength),
    ids: int32(windows, contextLength),
    lengths: int32(windows),
    row_positions: int32(countRows(packed, skipSpecial)),
  };
  const special = [...packed.specialIds].sort((a, b) => a - b);
  const { bytes, order } = serializeHeader(new Map(Object.entries(shapes)), {
    special_ids: JSON.stringify(special),
  });
  yield bytes;
  for (const name of order)
    if (name === "row_positions") for (const piece of rowPositions(tokens)) yield bytesOf(piece);
    else if (name === "documents") yield bytesOf(packed.documentOf);
    else yield bytesOf(name === "ids" ? packed.ids : packed.lengths);
}

/**
 * Describes the file before it is written.
 *
 * @throws {ConcordError} `argument/invalid` for more than 2³¹ − 1 tokens.
 */
export async function describeTokenFile(
  tokens: StoredTokens,
  kernels: RowKernels,
): Promise<CheckedFile> {
  const { length } = tokens.packed.ids;
  if (length > MAX_POSITIONS) throw expected("max_tokens", `at most ${MAX_POSITIONS}`, length);
  return describeFile(TOKEN_FILE, tokenFilePieces(tokens), (bytes) => kernels.checksum({ bytes }));
}

/**
 * Where the tensors of the file lie, checked against each other and against the rows of the store.
 */
export function tokenTensors(
  tensors: ReadonlyMap<string, TensorEntry>,
  where: string,
): Record<"documents" | "ids" | "lengths" | "row_positions", TensorEntry> {
  const find = (name: string, rank: number): TensorEntry => {
    const entry = tensors.get(name);
    if (entry?.dtype !== "int32" || entry.shape.length !== rank)
      throw new FormatError(where, `expected ${name} as int32 of rank ${rank}.`);
    return entry;
  };
  const found = {
    documents: find("documents", 2),
    ids: find("ids", 2),
    lengths: find("lengths", 1),
    row_positions: find("row_positions", 1),
  };
  const [windows, context] = found.ids.shape;
  const isSame = found.documents.shape[0] === windows && found.documents.shape[1] === context;
  if (!isSame || found.lengths.shape[0] !== windows)
    throw new FormatError(where, "ids, documents and lengths are not of the same windows.");
  return found;
}
