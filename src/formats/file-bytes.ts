/**
 * @file Reading exact byte ranges of a file (pread): the piece every lazy reader in this folder
 *   stands on.
 */

import type { Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { ConcordError, FormatError } from "../errors.ts";
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
 * @throws {ConcordError} `file/missing`, or `file/io`, also for a device, a pipe or a socket: those
 *   have no size, and a pipe would be waited for without end.
 */
export async function openForReading(path: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    requireFile(await stat(path), path);
    handle = await open(path, "r");
    const { size } = await handle.stat();
    return { handle, path, size };
  } catch (error) {
    await handle?.close();
    throw ioError(error, "read", path);
  }
}

/** Refuses what is not a file with bytes at places. */
function requireFile(stats: Stats, path: string): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
  const what = stats.isFIFO() ? "a pipe" : stats.isSocket() ? "a socket" : "a device";
  throw new ConcordError("file/io", `Cannot read ${path}: it is ${what}, not a file.`, {
    hint: "Write its output to a file, and name that.",
  });
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
        { hint: "The file is truncated: copy or create it again." },
      );
    done += bytesRead;
  }
}

/**
 * Opens `path`, passes it to `use`, and closes it whatever happens, unless `use` succeeds and
 * `keepOpen` is set.
 */
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
