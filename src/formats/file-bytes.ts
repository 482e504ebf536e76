/** @file Reading exact byte ranges of a file (pread): the piece every lazy reader in this folder stands on. */

import { type FileHandle, open } from "node:fs/promises";
import { FormatError } from "../errors.ts";
import { ioError } from "./io-error.ts";

/** One `read` call's share: Node refuses lengths of 2³¹ and above. */
const MAX_READ_BYTES = 2 ** 30;

/** A file opened for reading, and the size it had then. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
  readonly size: number;
}

/**
 * Opens a file for reading.
 *
 * @throws {ConcordError} `file/missing` or `file/io`.
 */
export async function openForReading(path: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const stat = await handle.stat();
    if (stat.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    return { handle, path, size: stat.size };
  } catch (error) {
    await handle?.close();
    throw ioError(error, "read", path);
  }
}

/**
 * Fills `into` with the bytes at [position, position + into.byteLength).
 *
 * @throws {FormatError} when the file ends before that.
 * @throws {ConcordError} `file/io` when the disk fails.
 */
export async function readExactly(
  file: OpenFile,
  into: Uint8Array,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < into.byteLength) {
    const length = Math.min(into.byteLength - done, MAX_READ_BYTES);
    let bytesRead: number;
    try {
      ({ bytesRead } = await file.handle.read(into, done, length, position + done));
    } catch (error) {
      throw ioError(error, "read", file.path);
    }
    if (bytesRead === 0)
      throw new FormatError(
        `${file.path} at byte ${position + done}`,
        `the file ends here, but ${into.byteLength - done} more bytes belong to what is being read.`,
        { hint: "The file was cut short: copy or make it again." },
      );
    done += bytesRead;
  }
}

/** Opens `path`, passes it to `use`, and closes it whatever happens, unless `use` succeeds and `keepOpen` is set. */
export async function withFile<T>(
  path: string,
  use: (file: OpenFile) => Promise<T>,
  keepOpen = false,
): Promise<T> {
  const file = await openForReading(path);
  let done = false;
  try {
    const result = await use(file);
    done = true;
    return result;
  } finally {
    if (!(done && keepOpen)) await file.handle.close();
  }
}
