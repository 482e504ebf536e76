/**
 * @file A file with one checksum per block. It is written completely or not at all, and read in
 *   parts. Each block is checked the first time that any of it is read.
 */

import { join } from "node:path";
import { ConcordError, FormatError } from "../errors.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { type OpenFile, readExactly, withFile } from "./file-bytes.ts";

/** What is known of such a file. */
export interface CheckedFile {
  /** Its name in its folder. */
  readonly file: string;
  readonly bytes: number;
  /** Bytes of every block but the last. */
  readonly blockBytes: number;
  /** XXH32 of every block. */
  readonly checksums: readonly number[];
}

/** XXH32 of some bytes. */
export type Checksum = (bytes: Uint8Array) => number | Promise<number>;

const BLOCK_BYTES = 2 ** 20;

/**
 * Cuts pieces of any length into blocks of one length; the last may be shorter. They share one
 * buffer.
 */
function* blocksOf(pieces: Iterable<Uint8Array>, blockBytes: number): Generator<Uint8Array> {
  const block = new Uint8Array(blockBytes);
  let filled = 0;
  for (const piece of pieces)
    for (let done = 0; done < piece.byteLength; ) {
      const count = Math.min(piece.byteLength - done, blockBytes - filled);
      block.set(piece.subarray(done, done + count), filled);
      done += count;
      filled += count;
      if (filled < blockBytes) continue;
      yield block;
      filled = 0;
    }
  if (filled > 0) yield block.subarray(0, filled);
}

/** Describes a file of these bytes before it is written. */
export async function describeFile(
  file: string,
  pieces: Iterable<Uint8Array>,
  checksum: Checksum,
): Promise<CheckedFile> {
  const checksums: number[] = [];
  let bytes = 0;
  for (const block of blocksOf(pieces, BLOCK_BYTES)) {
    checksums.push(await checksum(block));
    bytes += block.byteLength;
  }
  return { file, bytes, blockBytes: BLOCK_BYTES, checksums };
}

/**
 * Makes sure that the file in `folder` is as described: written atomically unless it is there and
 * whole.
 *
 * @throws {ConcordError} `file/io`.
 */
export async function ensureFile(
  folder: string,
  described: CheckedFile,
  pieces: () => Iterable<Uint8Array>,
  checksum: Checksum,
): Promise<void> {
  if (await isIntact(folder, described, checksum)) return;
  await writeFileAtomically(join(folder, described.file), pieces());
}

async function isIntact(
  folder: string,
  described: CheckedFile,
  checksum: Checksum,
): Promise<boolean> {
  try {
    await verifyFile(folder, described, checksum);
    return true;
  } catch (error) {
    const isDamage = error instanceof ConcordError && /^(file\/missing|format\/)/.test(error.code);
    if (isDamage) return false;
    throw error;
  }
}

/**
 * Reads the whole file against its checksums, a block in memory.
 * @throws as `openCheckedFile` and its `read`.
 */
export async function verifyFile(
  folder: string,
  described: CheckedFile,
  checksum: Checksum,
): Promise<void> {
  const opened = await openCheckedFile(folder, described, checksum);
  try {
    const { bytes, blockBytes } = described;
    const block = new Uint8Array(Math.min(blockBytes, bytes));
    for (let at = 0; at < bytes; at += blockBytes)
      await opened.read(at, block.subarray(0, Math.min(blockBytes, bytes - at)));
  } finally {
    await opened.close();
  }
}

/** Such a file, open for reading. */
export interface OpenCheckedFile {
  readonly path: string;
  /**
   * Fills `into` from byte `position` on. Await it before the next.
   *
   * @throws {FormatError} naming the block whose checksum is wrong.
   */
  read(position: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens such a file. One block is in memory.
 *
 * @throws {ConcordError} `file/missing`, `file/io`; {FormatError} when it is not as long as
 *   described.
 */
export async function openCheckedFile(
  folder: string,
  described: CheckedFile,
  checksum: Checksum,
): Promise<OpenCheckedFile> {
  const path = join(folder, described.file);
  const file = await withFile(path, async (opened) => requireLength(opened, described), true);
  const { bytes, blockBytes, checksums } = described;
  const block = new Uint8Array(Math.min(blockBytes, bytes));
  /** The block that is in memory; −1 for none. */
  let held = -1;
  const load = async (n: number): Promise<void> => {
    if (n === held) return;
    held = -1;
    const part = block.subarray(0, Math.min(blockBytes, bytes - n * blockBytes));
    await readExactly(file, part, n * blockBytes);
    if ((await checksum(part)) !== checksums[n])
      throw new FormatError(
        `${path}, block ${n} at byte ${n * blockBytes}`,
        "it is damaged: its checksum is not that of the index.",
        {
          hint: REPAIR,
        },
      );
    held = n;
  };
  return {
    path,
    async read(position, into) {
      for (let done = 0; done < into.byteLength; ) {
        const n = Math.floor((position + done) / blockBytes);
        const from = position + done - n * blockBytes;
        const count = Math.min(into.byteLength - done, blockBytes - from);
        await load(n);
        into.set(block.subarray(from, from + count), done);
        done += count;
      }
    },
    close: () => file.handle.close(),
  };
}

const REPAIR =
  "Copy it again from where it came, or remove it and collect again: only it is then written.";

function requireLength(opened: OpenFile, { bytes }: CheckedFile): OpenFile {
  if (opened.size === bytes) return opened;
  throw new FormatError(opened.path, `it has ${opened.size} bytes; the index promises ${bytes}.`, {
    hint: REPAIR,
  });
}
