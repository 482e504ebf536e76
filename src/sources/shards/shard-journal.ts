/**
 * @file The shard that is being written. Its rows go to `shard-NNNNN.bin.partial`, and after each
 *   block a line with the block's checksum goes to `shard-NNNNN.journal`. A writer that is opened
 *   again keeps the blocks whose bytes still have their checksum, and cuts off the rest. Whatever a
 *   crash or a power cut tore is found by reading, so no flush is needed per block.
 */

import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { syncFolder, writeFileAtomically, writeFully } from "../../formats/atomic-file.ts";
import { readExactly, withFile } from "../../formats/file-bytes.ts";
import { ioError } from "../../formats/io-error.ts";
import {
  type JsonlAppender,
  openJsonlAppender,
  readJsonl,
  serializeJsonl,
} from "../../formats/jsonl.ts";
import type { RowKernels } from "../rows/row-kernels.ts";
import { parseChecksum, type Shard, shardFile, showChecksum } from "./shard-index.ts";

/** A shard on its way. */
export interface OpenShard {
  readonly number: number;
  readonly checksums: number[];
  /** Appends one block. Only the very last of a store may be short. */
  append(block: Uint8Array): Promise<void>;
  /**
   * Flushes the shard and gives it its final name. It counts once it stands in the index; then
   * `removeJournal`.
   */
  finish(rows: number): Promise<Shard>;
  close(): Promise<void>;
  /** Closes and removes a shard that has no rows. */
  discard(): Promise<void>;
}

interface Paths {
  readonly final: string;
  readonly partial: string;
  readonly journal: string;
}

function pathsOf(folder: string, number: number): Paths {
  const final = join(folder, shardFile(number));
  return { final, partial: `${final}.partial`, journal: final.replace(/\.bin$/, ".journal") };
}

/**
 * Opens shard `number` for writing, with the whole blocks that an earlier writer left.
 *
 * @param blockBytes Bytes of a whole block.
 * @param maxBlocks  The most blocks of a shard.
 */
export async function openShard(
  folder: string,
  number: number,
  blockBytes: number,
  maxBlocks: number,
  kernels: RowKernels,
): Promise<OpenShard> {
  const paths = pathsOf(folder, number);
  // A writer that died between renaming the shard and listing it in the index.
  await rename(paths.final, paths.partial).catch(() => undefined);
  const checksums = (await survivors(paths, blockBytes, kernels)).slice(0, maxBlocks);
  const records = checksums.map((checksum, block) => ({ block, checksum: showChecksum(checksum) }));
  await writeFileAtomically(paths.journal, serializeJsonl(records));
  const guarded = guard(paths.partial);
  const handle = await guarded(open(paths.partial, checksums.length > 0 ? "r+" : "w"));
  try {
    await guarded(handle.truncate(checksums.length * blockBytes));
    const journal = await openJsonlAppender(paths.journal);
    return asOpenShard(number, paths, handle, journal, checksums, blockBytes, kernels);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Removes the journal of a shard that stands in the index. */
export async function removeJournal(folder: string, number: number): Promise<void> {
  await rm(pathsOf(folder, number).journal, { force: true });
}

function asOpenShard(
  number: number,
  paths: Paths,
  handle: FileHandle,
  journal: JsonlAppender,
  checksums: number[],
  blockBytes: number,
  kernels: RowKernels,
): OpenShard {
  const guarded = guard(paths.partial);
  const close = async (): Promise<void> => {
    await guarded(handle.close());
    await journal.close();
  };
  return {
    number,
    checksums,
    async append(bytes) {
      const block = checksums.length;
      await guarded(writeFully(handle, bytes, block * blockBytes));
      const checksum = await kernels.checksum({ bytes });
      await journal.append({ block, checksum: showChecksum(checksum) });
      checksums.push(checksum);
    },
    async finish(rows) {
      await guarded(handle.sync());
      await close();
      await guarded(rename(paths.partial, paths.final));
      await syncFolder(join(paths.final, ".."));
      return { file: shardFile(number), rows, checksums };
    },
    close,
    async discard() {
      await close();
      await rm(paths.partial, { force: true });
      await rm(paths.journal, { force: true });
    },
  };
}

/**
 * Checksums of the whole blocks at the start of a partial shard whose bytes are as the journal
 * says.
 */
async function survivors(
  { partial, journal }: Paths,
  blockBytes: number,
  kernels: RowKernels,
): Promise<number[]> {
  const checksums: number[] = [];
  try {
    await withFile(partial, async (file) => {
      const block = new Uint8Array(blockBytes);
      for await (const line of readJsonl(journal)) {
        const entry = line as { block?: unknown; checksum?: unknown } | null;
        const end = (checksums.length + 1) * blockBytes;
        if (entry?.block !== checksums.length || end > file.size) break;
        await readExactly(file, block, end - blockBytes);
        const checksum = await kernels.checksum({ bytes: block });
        if (checksum !== parseChecksum(entry.checksum, journal)) break;
        checksums.push(checksum);
      }
    });
  } catch (error) {
    // A missing file or a damaged line ends what can be kept; a failing disk must not look like
    // that.
    const isEnd = error instanceof ConcordError && /^(file\/missing|format\/)/.test(error.code);
    if (!isEnd) throw error;
  }
  return checksums;
}

function guard(path: string) {
  return async <T>(operation: Promise<T>): Promise<T> => {
    try {
      return await operation;
    } catch (error) {
      throw ioError(error, "write", path);
    }
  };
}
