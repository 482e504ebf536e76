/**
 * @file Writes an activation store: float32 rows in, converted blocks out, one block in memory. A
 *   writer that is killed is opened again with the same options and goes on at `rowsWritten`. A
 *   shard is either finished and listed in the index, or picked up from its journal.
 */

import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { removeStaleTemporaries, writeFileAtomically } from "../../formats/atomic-file.ts";
import { ensureFile } from "../../formats/checked-file.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { takeWriterLock, type WriterLock } from "../../formats/writer-lock.ts";
import { type RowKernels, TYPESCRIPT_KERNELS } from "../rows/row-kernels.ts";
import { rowsOf } from "../rows/stored-rows.ts";
import { beginOrContinue, emptyIndex, type ShardWriterOptions } from "./begin-store.ts";
import { NarrowRows } from "./narrow-rows.ts";
import {
  INDEX_FILE,
  rowsOfIndex,
  type ShardIndex,
  serializeIndex,
  shardRowBytes,
} from "./shard-index.ts";
import { type OpenShard, openShard, removeJournal } from "./shard-journal.ts";

export type { ShardWriterOptions } from "./begin-store.ts";

/**
 * A shard's size unless told otherwise: few files, and little to copy again when one is damaged.
 */
const DEFAULT_SHARD_BYTES = 2 ** 30;

/** A store that is being written. */
export interface ShardWriter {
  /** Rows that the store has, those still in memory included. Right after opening: rows to skip. */
  readonly rowsWritten: number;
  /** Whether the store was finished before; nothing can be appended then. */
  readonly isComplete: boolean;
  /**
   * Appends rows [n, d_in]; await it before the next. Either all rows are good or none is taken.
   *
   * @throws {ConcordError} `numeric/not-finite` naming row and column of a NaN, an infinity, or a
   *   number beyond the dtype's range (65504 for float16); {ShapeError}; `file/io` when the disk
   *   fails, after which the writer must be opened again.
   */
  append(rows: Float32Array): Promise<void>;
  /**
   * Writes what is left, marks the store complete and closes. @throws {ConcordError} when it has no
   * rows.
   */
  finish(): Promise<ShardIndex>;
  /**
   * Stops; the store stays incomplete and can be continued. Rows after the last whole block are
   * dropped.
   */
  close(): Promise<void>;
}

/**
 * Opens a store for writing, a new one or one that was interrupted.
 *
 * @throws {ConcordError} `run/conflict` when the folder's store was begun with other options, when
 *   somebody else is writing it, or when shard files lie there without an index;
 *   `argument/invalid`; `file/io`.
 */
export async function openShardWriter(options: ShardWriterOptions): Promise<ShardWriter> {
  const empty = emptyIndex(options);
  const { folder, kernels = TYPESCRIPT_KERNELS } = options;
  await makeFolder(folder);
  const lock = await takeWriterLock(folder);
  try {
    await removeStaleTemporaries(folder);
    const index = await beginOrContinue(folder, empty);
    // A writer that died between listing a shard and removing its journal.
    if (index.shards.length > 0) await removeJournal(folder, index.shards.length - 1);
    const { tokens } = options;
    const checksum = (bytes: Uint8Array) => kernels.checksum({ bytes });
    if (tokens) await ensureFile(folder, tokens.described, tokens.pieces, checksum);
    if (index.complete) {
      await lock.release();
      return completeWriter(folder, index);
    }
    const blockBytes = index.blockRows * shardRowBytes(index);
    const shardBytes = options.shardBytes ?? DEFAULT_SHARD_BYTES;
    const maxBlocks = Math.max(1, Math.floor(shardBytes / blockBytes));
    const shard = await openShard(folder, index.shards.length, blockBytes, maxBlocks, kernels);
    const writer = new OpenShardWriter(folder, lock, index, shard, blockBytes, maxBlocks, kernels);
    try {
      await writer.finishFullShard();
    } catch (error) {
      await shard.close();
      throw error;
    }
    return writer;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class OpenShardWriter implements ShardWriter {
  readonly isComplete = false;
  readonly #folder: string;
  readonly #lock: WriterLock;
  readonly #blockBytes: number;
  readonly #maxBlocks: number;
  readonly #kernels: RowKernels;
  readonly #narrow: NarrowRows;
  #index: ShardIndex;
  #shard: OpenShard;
  /** Rows in the block that is being filled. */
  #pending = 0;
  #state: "open" | "failed" | "closed" = "open";

  constructor(
    folder: string,
    lock: WriterLock,
    index: ShardIndex,
    shard: OpenShard,
    blockBytes: number,
    maxBlocks: number,
    kernels: RowKernels,
  ) {
    this.#folder = folder;
    this.#lock = lock;
    this.#index = index;
    this.#shard = shard;
    this.#blockBytes = blockBytes;
    this.#maxBlocks = maxBlocks;
    this.#kernels = kernels;
    this.#narrow = new NarrowRows(index.dtype, index.dIn, index.blockRows, kernels);
  }

  get rowsWritten(): number {
    if (this.#index.complete) return rowsOfIndex(this.#index);
    const inShard = this.#shard.checksums.length * this.#index.blockRows;
    return rowsOfIndex(this.#index) + inShard + this.#pending;
  }

  async append(rows: Float32Array): Promise<void> {
    this.#requireOpen();
    const { dIn, blockRows } = this.#index;
    const count = rowsOf(rows, dIn, "ShardWriter.append");
    await this.#narrow.requireStorable(rows, this.rowsWritten);
    await this.#disk(async () => {
      for (let done = 0; done < count; ) {
        const part = Math.min(count - done, blockRows - this.#pending);
        await this.#narrow.put(rows, done, part, this.#pending);
        this.#pending += part;
        done += part;
        if (this.#pending === blockRows) await this.#flushBlock();
      }
    });
  }

  async finish(): Promise<ShardIndex> {
    this.#requireOpen();
    if (this.rowsWritten === 0)
      throw new ConcordError("argument/invalid", `${this.#folder}: a store must have rows.`, {
        hint: "Append some before finishing.",
      });
    await this.#disk(async () => {
      const tail = this.#pending;
      const rows = this.#shard.checksums.length * this.#index.blockRows + tail;
      if (tail > 0) await this.#shard.append(this.#narrow.bytes(tail));
      if (rows > 0) await this.#list(await this.#shard.finish(rows), true);
      else {
        await this.#shard.discard();
        await this.#writeIndex({ ...this.#index, complete: true });
      }
      await removeJournal(this.#folder, this.#shard.number);
    });
    this.#state = "closed";
    await this.#lock.release();
    return this.#index;
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    try {
      await this.#shard.close();
    } finally {
      await this.#lock.release();
    }
  }

  async #flushBlock(): Promise<void> {
    await this.#shard.append(this.#narrow.bytes(this.#pending));
    this.#pending = 0;
    await this.finishFullShard();
  }

  /** Goes on to the next shard when this one has all its blocks. */
  async finishFullShard(): Promise<void> {
    const { number, checksums } = this.#shard;
    if (checksums.length < this.#maxBlocks) return;
    await this.#list(await this.#shard.finish(checksums.length * this.#index.blockRows), false);
    await removeJournal(this.#folder, number);
    this.#shard = await openShard(
      this.#folder,
      number + 1,
      this.#blockBytes,
      this.#maxBlocks,
      this.#kernels,
    );
  }

  /** Lists a finished shard in the index. */
  async #list(shard: ShardIndex["shards"][number], complete: boolean): Promise<void> {
    await this.#writeIndex({ ...this.#index, complete, shards: [...this.#index.shards, shard] });
  }

  async #writeIndex(index: ShardIndex): Promise<void> {
    await writeFileAtomically(join(this.#folder, INDEX_FILE), serializeIndex(index));
    this.#index = index;
  }

  async #disk(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#state = "failed";
      throw error;
    }
  }

  #requireOpen(): void {
    if (this.#state === "open") return;
    throw new ConcordError("argument/invalid", `The writer of ${this.#folder} is ${this.#state}.`, {
      hint: "Open it again: it continues at the last whole block.",
    });
  }
}

/** A writer for a store that has all its rows. */
function completeWriter(folder: string, index: ShardIndex): ShardWriter {
  return {
    rowsWritten: rowsOfIndex(index),
    isComplete: true,
    append: async () => {
      throw new ConcordError("run/conflict", `${folder} is complete; nothing can be appended.`, {
        hint: "Collect into another folder, or remove this one.",
      });
    },
    finish: async () => index,
    close: async () => undefined,
  };
}
