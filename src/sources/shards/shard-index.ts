/**
 * @file `index.json` of an activation store: what the shards hold, where, and the checksum of every
 *   block. Pure text and numbers; the files are read and written next door.
 *
 * A store is a folder: `index.json` and `shard-00000.bin`, `shard-00001.bin`, … A shard is rows of
 * `d_in` numbers, row-major and little-endian, nothing else. Rows come in blocks of `block_rows`,
 * whole blocks everywhere but at the very end. A block is what is read and checked at a time.
 */

import { createHash } from "node:crypto";
import { DTYPE_BYTES } from "../../base/dtype.ts";
import { isObject } from "../../base/json.ts";
import { ConcordError, FormatError } from "../../errors.ts";
import type { CheckedFile } from "../../formats/checked-file.ts";
import { xxh32 } from "../../formats/xxh32.ts";
import type { Provenance } from "../source.ts";

/** The dtypes that a store can have. */
export const SHARD_DTYPES = ["float16", "bfloat16", "float32"] as const;

export type ShardDType = (typeof SHARD_DTYPES)[number];

export const INDEX_FILE = "index.json";

/** The file of a store that says which tokens its rows are of. */
export const TOKEN_FILE = "tokens.safetensors";

/** Checksums take 13 bytes a block: 256 MiB are 20 million blocks, 80 TB at 4 MiB. */
export const MAX_INDEX_BYTES = 256 * 2 ** 20;

/** The widest residual streams have 2¹⁵, the widest MLPs some 2¹⁷. */
export const MAX_D_IN = 2 ** 20;

/**
 * A reader holds several blocks at a time; the writer's default is 4 MiB, and beyond 16 nothing
 * gets faster.
 */
export const MAX_BLOCK_BYTES = 64 * 2 ** 20;

export interface Shard {
  /** Its name in the folder. */
  readonly file: string;
  readonly rows: number;
  /** XXH32 of every block. */
  readonly checksums: readonly number[];
}

export interface ShardIndex {
  readonly dtype: ShardDType;
  readonly dIn: number;
  readonly blockRows: number;
  /** Rows that belong together (a document, a window); no group straddles two blocks. */
  readonly groupRows: number;
  /** False while it is being written: `shards` then has what is finished. */
  readonly complete: boolean;
  /**
   * True when the writer refused rows that are not finite. A store that does not say so is read
   * once before it is used.
   */
  readonly finite?: boolean;
  readonly shards: readonly Shard[];
  /** The file that says which tokens the rows are of, where they are of a text. */
  readonly tokens?: CheckedFile;
  readonly provenance: Provenance;
}

/** Rows of all shards. */
export function rowsOfIndex(index: ShardIndex): number {
  return index.shards.reduce((sum, shard) => sum + shard.rows, 0);
}

/** Bytes of one stored row. */
export function shardRowBytes(index: Pick<ShardIndex, "dtype" | "dIn">): number {
  return DTYPE_BYTES[index.dtype] * index.dIn;
}

/**
 * The checksum of all blocks' checksums, eight hexadecimal digits: stores with the same one hold
 * the same rows.
 */
export function storeChecksum(index: ShardIndex): string {
  const all = Uint32Array.from(index.shards.flatMap((shard) => shard.checksums));
  return showChecksum(xxh32(new Uint8Array(all.buffer)));
}

/**
 * What the rows of a store are, from its checksums: SHA-256 as hex. Blocks of another size are
 * another order, so they count.
 */
export function storeDigest(index: ShardIndex): string {
  const { dtype, dIn, blockRows, groupRows } = index;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([dtype, dIn, blockRows, groupRows, rowsOfIndex(index)]));
  for (const { checksums } of index.shards)
    hash.update(new Uint8Array(Uint32Array.from(checksums).buffer));
  return hash.digest("hex");
}

/** The name of shard `n`. */
export function shardFile(n: number): string {
  return `shard-${String(n).padStart(5, "0")}.bin`;
}

/** The text of `index.json`. */
export function serializeIndex(index: ShardIndex): string {
  const document = {
    format: "concord-activations",
    version: 1,
    dtype: index.dtype,
    d_in: index.dIn,
    rows: rowsOfIndex(index),
    block_rows: index.blockRows,
    group_rows: index.groupRows,
    complete: index.complete,
    ...(index.finite && { finite: true }),
    checksum: "xxh32",
    shards: index.shards.map(({ file, rows, checksums }) => ({
      file,
      rows,
      block_checksums: checksums.map(showChecksum),
    })),
    ...(index.tokens && { tokens: serializeTokens(index.tokens) }),
    provenance: index.provenance,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function serializeTokens({ file, bytes, blockBytes, checksums }: CheckedFile) {
  return {
    file,
    bytes,
    block_bytes: blockBytes,
    block_checksums: checksums.map(showChecksum),
  };
}

/** A checksum as eight hexadecimal digits. */
export function showChecksum(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}

/**
 * Parses and checks `index.json`.
 *
 * @param where Names the file in messages.
 * @throws {FormatError} naming the field that is wrong; {ConcordError} `format/too-large` for
 *   blocks no reader should hold.
 */
export function parseIndex(text: string, where: string): ShardIndex {
  const document = parseObject(text, where);
  const fail = (field: string, rule: string): never => {
    const shown = JSON.stringify(document[field])?.slice(0, 80);
    throw new FormatError(where, `${field} must be ${rule}, not ${shown}.`);
  };
  const size = (field: string, most: number): number => {
    const value = document[field];
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value <= most)
      return value;
    return fail(field, `an integer from 1 to ${most}`);
  };
  if (document["format"] !== "concord-activations") fail("format", '"concord-activations"');
  if (document["version"] !== 1) fail("version", "1, the only one this version reads");
  if (document["checksum"] !== "xxh32") fail("checksum", '"xxh32"');
  const dtype = SHARD_DTYPES.find((name) => name === document["dtype"]);
  if (dtype === undefined) return fail("dtype", `one of ${SHARD_DTYPES.join(", ")}`);
  const { complete, provenance, shards } = document;
  if (typeof complete !== "boolean") return fail("complete", "true or false");
  if (!isObject(provenance) || typeof provenance["kind"] !== "string")
    return fail("provenance", "an object with a kind");
  if (!Array.isArray(shards)) return fail("shards", "a list");
  const dIn = size("d_in", MAX_D_IN);
  const blockRows = size("block_rows", Number.MAX_SAFE_INTEGER);
  const groupRows = size("group_rows", blockRows);
  if (blockRows % groupRows !== 0) fail("block_rows", `a multiple of group_rows (${groupRows})`);
  const blockBytes = blockRows * shardRowBytes({ dtype, dIn });
  if (blockBytes > MAX_BLOCK_BYTES)
    throw new ConcordError(
      "format/too-large",
      `${where}: blocks of ${blockBytes} bytes; at most ${MAX_BLOCK_BYTES} are read.`,
    );
  const index: ShardIndex = {
    dtype,
    dIn,
    blockRows,
    groupRows,
    complete,
    ...(document["finite"] === true && { finite: true }),
    shards: shards.map((shard, n) =>
      parseShard(shard, n, n === shards.length - 1, blockRows, `${where}, shards[${n}]`),
    ),
    ...(document["tokens"] !== undefined && {
      tokens: parseTokens(document["tokens"], `${where}, tokens`),
    }),
    provenance: provenance as Provenance,
  };
  if (document["rows"] !== rowsOfIndex(index))
    fail("rows", `the sum ${rowsOfIndex(index)} of the shards`);
  return index;
}

function parseShard(
  value: unknown,
  n: number,
  isLast: boolean,
  blockRows: number,
  where: string,
): Shard {
  if (!isObject(value)) throw new FormatError(where, "it is not a JSON object.");
  const { file, rows, block_checksums: checksums } = value;
  // The only names there are, so that none can lead out of the folder.
  if (file !== shardFile(n)) throw new FormatError(where, `file must be ${shardFile(n)}.`);
  if (typeof rows !== "number" || !Number.isSafeInteger(rows) || rows < 1)
    throw new FormatError(where, "rows must be a positive integer.");
  if (!isLast && rows % blockRows !== 0)
    throw new FormatError(
      where,
      `rows must be a multiple of block_rows (${blockRows}) in all shards but the last.`,
    );
  if (!Array.isArray(checksums) || checksums.length !== Math.ceil(rows / blockRows))
    throw new FormatError(
      where,
      `block_checksums must list ${Math.ceil(rows / blockRows)} checksums.`,
    );
  return { file, rows, checksums: checksums.map((text) => parseChecksum(text, where)) };
}

function parseTokens(value: unknown, where: string): CheckedFile {
  if (!isObject(value)) throw new FormatError(where, "it is not a JSON object.");
  const { file, bytes, block_bytes: blockBytes, block_checksums: checksums } = value;
  // The only name there is, so that none can lead out of the folder.
  if (file !== TOKEN_FILE) throw new FormatError(where, `file must be ${TOKEN_FILE}.`);
  const isSize = (n: unknown, most: number): n is number =>
    typeof n === "number" && Number.isSafeInteger(n) && n > 0 && n <= most;
  if (!isSize(bytes, Number.MAX_SAFE_INTEGER))
    throw new FormatError(where, "bytes must be a positive integer.");
  if (!isSize(blockBytes, MAX_BLOCK_BYTES))
    throw new FormatError(where, `block_bytes must be an integer from 1 to ${MAX_BLOCK_BYTES}.`);
  const blocks = Math.ceil(bytes / blockBytes);
  if (!Array.isArray(checksums) || checksums.length !== blocks)
    throw new FormatError(where, `block_checksums must list ${blocks} checksums.`);
  return {
    file,
    bytes,
    blockBytes,
    checksums: checksums.map((text) => parseChecksum(text, where)),
  };
}

/** The number that eight hexadecimal digits stand for. @throws {FormatError} for anything else. */
export function parseChecksum(text: unknown, where: string): number {
  if (typeof text !== "string" || !/^[0-9a-f]{8}$/.test(text))
    throw new FormatError(where, "a checksum must be eight hexadecimal digits.");
  return Number.parseInt(text, 16);
}

function parseObject(text: string, where: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new FormatError(where, "it is not JSON.", { cause: error });
  }
  if (!isObject(document)) throw new FormatError(where, "it is not a JSON object.");
  return document;
}
