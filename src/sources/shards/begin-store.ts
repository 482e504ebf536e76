/**
 * @file What a store is made to be: options checked and fixed when it is begun, and compared when
 *   it is continued.
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError, expected } from "../../errors.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import type { CheckedFile } from "../../formats/checked-file.ts";
import { xxh32 } from "../../formats/xxh32.ts";
import type { RowKernels } from "../rows/row-kernels.ts";
import { DEFAULT_BLOCK_BYTES } from "../rows/train-stream.ts";
import type { Provenance } from "../source.ts";
import { readShardIndex } from "./read-index.ts";
import {
  INDEX_FILE,
  MAX_BLOCK_BYTES,
  MAX_D_IN,
  SHARD_DTYPES,
  type ShardDType,
  type ShardIndex,
  serializeIndex,
  shardRowBytes,
  showChecksum,
} from "./shard-index.ts";

/** What a store is made to be. */
export interface ShardWriterOptions {
  /**
   * Created if need be. A store begun there is continued; any other shard file there is an error.
   */
  readonly folder: string;
  readonly dIn: number;
  /**
   * What the rows are stored as. float16 halves the size and has 11 bits; bfloat16 has 8 and the
   * range of float32.
   */
  readonly dtype: ShardDType;
  /** Facts about where the rows come from; a store is continued only with the same. */
  readonly provenance: Provenance;
  /**
   * Bytes of a block at most; rounded down to whole groups, at least one. Default 4 MiB, best
   * between 4 and 16.
   */
  readonly blockBytes?: number;
  /** Bytes of a shard at most; rounded down to whole blocks, at least one. Default 1 GiB. */
  readonly shardBytes?: number;
  /**
   * Rows that belong together: a document, a context window, a recording's segment. No group
   * straddles two blocks, so none is in training and held out at once. Default 1.
   */
  readonly groupRows?: number;
  /**
   * Which tokens the rows are of, for rows of a text: the file beside the shards, and its bytes.
   */
  readonly tokens?: {
    readonly described: CheckedFile;
    readonly pieces: () => Iterable<Uint8Array>;
  };
  /**
   * The backend, or the part of one, that converts rows and computes checksums; default plain
   * TypeScript.
   */
  readonly kernels?: RowKernels;
}

/**
 * The index of a store with no rows yet.
 *
 * @throws {ConcordError} `argument/invalid` naming the option.
 */
export function emptyIndex(options: ShardWriterOptions): ShardIndex {
  const { dIn, dtype, provenance, blockBytes = DEFAULT_BLOCK_BYTES, groupRows = 1 } = options;
  if (!Number.isSafeInteger(dIn) || dIn < 1 || dIn > MAX_D_IN)
    throw expected("dIn", `an integer from 1 to ${MAX_D_IN}`, dIn);
  if (!SHARD_DTYPES.includes(dtype))
    throw expected("dtype", `one of ${SHARD_DTYPES.join(", ")}`, dtype);
  if (!Number.isSafeInteger(groupRows) || groupRows < 1)
    throw expected("groupRows", "a positive integer", groupRows);
  if (!(blockBytes > 0 && blockBytes <= MAX_BLOCK_BYTES))
    throw expected("blockBytes", `a number from 1 to ${MAX_BLOCK_BYTES}`, blockBytes);
  const groupBytes = groupRows * shardRowBytes({ dtype, dIn });
  if (groupBytes > MAX_BLOCK_BYTES)
    throw expected("groupRows", `at most ${Math.floor((MAX_BLOCK_BYTES / groupBytes) * groupRows)} rows of d_in ${dIn}`, groupRows); // biome-ignore format: one line
  const blockRows = Math.max(1, Math.floor(blockBytes / groupBytes)) * groupRows;
  // As the file will hold it, so that it compares equal when it comes back.
  const plain = JSON.parse(JSON.stringify(provenance)) as Provenance;
  return {
    dtype,
    dIn,
    blockRows,
    groupRows,
    complete: false,
    // The writer refuses what is not finite (narrow-rows.ts).
    finite: true,
    shards: [],
    provenance: plain,
    ...(options.tokens && { tokens: options.tokens.described }),
  };
}

/**
 * The index of the store in `folder`: the one that is there, or `empty`, written.
 *
 * @throws {ConcordError} `run/conflict` when the store there was begun as something else, or shards
 *   lie there without an index.
 */
export async function beginOrContinue(folder: string, empty: ShardIndex): Promise<ShardIndex> {
  const found = await existingIndex(folder);
  if (found === undefined) return begin(folder, empty);
  requireSame(folder, found, empty);
  return found;
}

async function existingIndex(folder: string): Promise<ShardIndex | undefined> {
  try {
    return await readShardIndex(folder);
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing") return undefined;
    throw error;
  }
}

async function begin(folder: string, empty: ShardIndex): Promise<ShardIndex> {
  const strays = (await readdir(folder)).filter((name) => /^shard-\d+\./.test(name));
  if (strays.length > 0)
    throw new ConcordError(
      "run/conflict",
      `${folder} has ${strays[0]} but no ${INDEX_FILE}: it is not a store that can be continued.`,
      { hint: "Remove the shard files, or choose another folder." },
    );
  await writeFileAtomically(join(folder, INDEX_FILE), serializeIndex(empty));
  return empty;
}

/** A store is continued only as what it was begun as. */
function requireSame(folder: string, found: ShardIndex, wanted: ShardIndex): void {
  // What the rows are comes first: the sizes of blocks and groups follow from it.
  const facts = (index: ShardIndex): [string, unknown][] => {
    const provenance = Object.entries(index.provenance).sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...provenance.map(([key, value]): [string, unknown] => [`provenance.${key}`, value]),
      ["d_in", index.dIn],
      ["dtype", index.dtype],
      ["token ids", index.tokens && tokensDigest(index.tokens)],
      ["group_rows", index.groupRows],
      ["block_rows", index.blockRows],
    ];
  };
  const [before, now] = [new Map(facts(found)), new Map(facts(wanted))];
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [JSON.stringify(before.get(name)), JSON.stringify(now.get(name))];
    if (was !== is)
      throw new ConcordError(
        "run/conflict",
        `${folder} was begun with ${name} ${was ?? "(none)"}, not ${is ?? "(none)"}.`,
        { hint: "Continue it with the settings it was started with, or choose another folder." },
      );
  }
}

/** A short name for what a file of tokens holds. */
function tokensDigest({ bytes, checksums }: CheckedFile): string {
  const all = new Uint8Array(Uint32Array.from(checksums).buffer);
  return `${bytes} bytes with checksum ${showChecksum(xxh32(all))}`;
}
