/**
 * @file The rows of a store's shards as one matrix. Every block is checked against its checksum the
 *   first time any of it is read, and never again while the store is open.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { FormatError } from "../../errors.ts";
import { type OpenFile, openForReading, readExactly } from "../../formats/file-bytes.ts";
import { ioError } from "../../formats/io-error.ts";
import { oneAtATime } from "../rows/one-at-a-time.ts";
import type { RowKernels } from "../rows/row-kernels.ts";
import type { StoredRows } from "../rows/stored-rows.ts";
import {
  rowsOfIndex,
  type Shard,
  type ShardIndex,
  shardRowBytes,
  showChecksum,
} from "./shard-index.ts";

/** Where a block of the store lies. */
interface BlockPlace {
  readonly shard: number;
  /** Number of the block in its shard. */
  readonly block: number;
  /** First byte in the shard's file. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Opens the shards that `index` lists.
 *
 * @throws {FormatError} when a shard's file is not as long as the index says; {ConcordError}
 *   `file/missing` or `file/io`.
 */
export async function openShardRows(
  folder: string,
  index: ShardIndex,
  kernels: RowKernels,
): Promise<StoredRows> {
  for (const shard of index.shards) await requireLength(folder, index, shard);
  return new ShardRows(folder, index, kernels);
}

class ShardRows implements StoredRows {
  readonly dtype;
  readonly dIn;
  readonly rows;
  readonly scratchBytes;
  readonly #folder: string;
  readonly #index: ShardIndex;
  readonly #kernels: RowKernels;
  readonly #rowBytes: number;
  /** First block of every shard, counted through the store; then one past the last of all. */
  readonly #firstBlocks: Int32Array;
  readonly #files = new Map<number, Promise<OpenFile>>();
  readonly #verified: Uint8Array;
  /** For blocks of which only a part is asked for. */
  #scratch: Uint8Array | undefined;
  readonly #exclusive = oneAtATime();

  constructor(folder: string, index: ShardIndex, kernels: RowKernels) {
    this.dtype = index.dtype;
    this.dIn = index.dIn;
    this.rows = rowsOfIndex(index);
    this.#folder = folder;
    this.#index = index;
    this.#kernels = kernels;
    this.#rowBytes = shardRowBytes(index);
    this.scratchBytes = Math.min(index.blockRows, this.rows) * this.#rowBytes;
    this.#firstBlocks = new Int32Array(index.shards.length + 1);
    for (const [n, shard] of index.shards.entries())
      this.#firstBlocks[n + 1] = this.#firstBlocks[n]! + shard.checksums.length;
    this.#verified = new Uint8Array(this.#firstBlocks[index.shards.length]!);
  }

  async read(start: number, into: Uint8Array): Promise<void> {
    const { blockRows } = this.#index;
    const rows = into.byteLength / this.#rowBytes;
    for (let done = 0; done < rows; ) {
      const block = Math.floor((start + done) / blockRows);
      const firstRow = start + done - block * blockRows;
      const count = Math.min(rows - done, blockRows - firstRow);
      const bytes = into.subarray(done * this.#rowBytes, (done + count) * this.#rowBytes);
      await this.#readPart(block, firstRow * this.#rowBytes, bytes);
      done += count;
    }
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#files.values());
    this.#files.clear();
    for (const result of opened)
      if (result.status === "fulfilled") await result.value.handle.close();
  }

  /** Fills `into` from byte `from` of a block on. */
  async #readPart(block: number, from: number, into: Uint8Array): Promise<void> {
    const place = this.#placeOf(block);
    const file = await this.#fileOf(place.shard);
    if (this.#verified[block] === 1) return readExactly(file, into, place.offset + from);
    if (from === 0 && into.byteLength === place.bytes) {
      await readExactly(file, into, place.offset);
      return this.#verify(block, place, into);
    }
    await this.#exclusive(async () => {
      this.#scratch ??= new Uint8Array(this.scratchBytes);
      const whole = this.#scratch.subarray(0, place.bytes);
      await readExactly(file, whole, place.offset);
      await this.#verify(block, place, whole);
      into.set(whole.subarray(from, from + into.byteLength));
    });
  }

  async #verify(block: number, place: BlockPlace, bytes: Uint8Array): Promise<void> {
    const shard = this.#index.shards[place.shard]!;
    const wanted = shard.checksums[place.block]!;
    const found = await this.#kernels.checksum({ bytes });
    if (found !== wanted)
      throw new FormatError(
        `${join(this.#folder, shard.file)}, block ${place.block} at byte ${place.offset}`,
        `its ${place.bytes} bytes are damaged: their checksum is ${showChecksum(found)}, the index says ${showChecksum(wanted)}.`,
        { hint: "Copy this shard again from its origin, or collect the activations again." },
      );
    this.#verified[block] = 1;
  }

  #placeOf(block: number): BlockPlace {
    // Shards are of one size, unless a writer was opened again with another.
    const guess = Math.floor(block / this.#firstBlocks[1]!);
    let shard = Math.min(guess, this.#index.shards.length - 1);
    while (this.#firstBlocks[shard]! > block) shard--;
    while (this.#firstBlocks[shard + 1]! <= block) shard++;
    const inShard = block - this.#firstBlocks[shard]!;
    const { blockRows, shards } = this.#index;
    const rows = Math.min(blockRows, shards[shard]!.rows - inShard * blockRows);
    return {
      shard,
      block: inShard,
      offset: inShard * blockRows * this.#rowBytes,
      bytes: rows * this.#rowBytes,
    };
  }

  #fileOf(shard: number): Promise<OpenFile> {
    let file = this.#files.get(shard);
    if (file === undefined) {
      file = openForReading(join(this.#folder, this.#index.shards[shard]!.file));
      this.#files.set(shard, file);
      file.catch(() => this.#files.delete(shard));
    }
    return file;
  }
}

async function requireLength(folder: string, index: ShardIndex, shard: Shard): Promise<void> {
  const path = join(folder, shard.file);
  const wanted = shard.rows * shardRowBytes(index);
  let size: number;
  try {
    ({ size } = await stat(path));
  } catch (error) {
    throw ioError(error, "read", path);
  }
  if (size === wanted) return;
  const block = Math.floor(size / (index.blockRows * shardRowBytes(index)));
  throw new FormatError(
    size < wanted ? `${path}, block ${block} at byte ${size}` : path,
    size < wanted
      ? `the file ends here; the index promises ${wanted} bytes.`
      : `it holds ${size} bytes; the index promises ${wanted}.`,
    { hint: "Copy this shard again from its origin, or collect the activations again." },
  );
}
