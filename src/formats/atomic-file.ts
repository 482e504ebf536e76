/**
 * @file Files that are either the old one or the new one, never a part of each. A file is written
 *   under a temporary name, flushed, and renamed; then the folder is flushed, so that the rename
 *   survives a power cut. When anything fails, the old file is unchanged and the temporary one is
 *   removed.
 */

import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConcordError } from "../errors.ts";
import { ioError } from "./io-error.ts";
import { isRunning } from "./processes.ts";
import { requireWritable } from "./write-fence.ts";

/**
 * What a file is made of: text, bytes, or bytes piece by piece, each piece needed in memory only
 * while it is written.
 */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** How a file is written that is there whole or not at all. */
export interface AtomicWriteOptions {
  /** Opens the temporary; tests pass one that fails the way a full disk does. */
  readonly openFile?: (path: string, flags: string) => Promise<FileHandle>;
}

/** One `write` call's share: Linux writes at most 2³¹ − 4096 bytes at a time. */
const MAX_WRITE_BYTES = 2 ** 30;

let temporaries = 0;

/**
 * Temporaries that this process is writing; another of its number is what an earlier process with
 * the same number left.
 */
const inUse = new Set<string>();

/** Files whose leftovers this process has looked for. */
const swept = new Set<string>();

const TEMPORARY = /\.tmp-(\d+)-\d+$/;

/**
 * Whether a file of this name is on its way to another name, or was left by a process that was
 * killed: never data.
 */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * A name for a file that is there only for a while, `<path>.tmp-<process id>-<count>`. What killed
 * processes left of that kind beside `path` is removed before.
 *
 * @returns Its path, and what to call once it is gone.
 */
export async function takeTemporary(
  path: string,
): Promise<{ readonly temporary: string; readonly release: () => void }> {
  const whole = resolve(path);
  if (!swept.has(whole)) {
    swept.add(whole);
    const own = `${basename(whole)}.tmp-`;
    await removeTemporaries(dirname(whole), (name) => name.startsWith(own)).catch(() => undefined);
  }
  const temporary = `${path}.tmp-${process.pid}-${temporaries++}`;
  const key = resolve(temporary);
  inUse.add(key);
  return { temporary, release: () => void inUse.delete(key) };
}

/**
 * Writes `path` so that a reader, a crash or a full disk sees either the old file or the new one.
 *
 * The temporary is `<path>.tmp-<process id>-<count>`. One that a killed process left is removed
 * when the same file is written again, and by `removeStaleTemporaries`.
 *
 * @throws {ConcordError} `file/io` or `file/missing` (no such folder) in one line that says what to
 *   do; `run/superseded` behind a fence (`write-fence.ts`); errors thrown while producing `content`
 *   pass through. In all cases the temporary is gone and the old file untouched.
 */
export async function writeFileAtomically(
  path: string,
  content: FileContent,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const { temporary, release } = await takeTemporary(path);
  try {
    const handle = await onDisk(path, (options.openFile ?? open)(temporary, "wx"));
    try {
      for await (const piece of pieces(content)) await onDisk(path, writeFully(handle, piece));
      await onDisk(path, handle.sync());
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
    await onDisk(path, handle.close());
    await requireWritable(path);
    await onDisk(path, rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    release();
  }
  await syncFolder(dirname(path));
}

/**
 * Writes every byte of `bytes` at `position`, or at the handle's own position when none is given.
 */
export async function writeFully(
  handle: FileHandle,
  bytes: Uint8Array,
  position?: number,
): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const length = Math.min(bytes.byteLength - done, MAX_WRITE_BYTES);
    const at = position === undefined ? null : position + done;
    const { bytesWritten } = await handle.write(bytes, done, length, at);
    done += bytesWritten;
  }
}

/**
 * Flushes a folder's entries, so that files created or renamed in it survive a power cut. File
 * systems that cannot do it (some network ones, Windows) are left to their own guarantees.
 */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  try {
    await handle?.sync();
  } catch {
    // Not every file system can flush a folder; the file itself has been flushed.
  } finally {
    await handle?.close();
  }
}

/**
 * Removes the temporaries that killed processes left in `folder`; those of running ones stay.
 *
 * @returns The names removed.
 */
export function removeStaleTemporaries(folder: string): Promise<string[]> {
  return removeTemporaries(folder, () => true);
}

/** The same in `folder` and every folder below it. @throws {ConcordError} `file/io`. */
export async function removeStaleTemporariesBelow(folder: string): Promise<void> {
  const entries = await onDisk(
    folder,
    readdir(folder, { recursive: true, withFileTypes: true }),
    "list",
  );
  const folders = entries.filter((entry) => entry.isDirectory());
  for (const path of [folder, ...folders.map((f) => join(f.parentPath, f.name))])
    await removeStaleTemporaries(path);
}

async function removeTemporaries(
  folder: string,
  isAsked: (name: string) => boolean,
): Promise<string[]> {
  const names = await onDisk(folder, readdir(folder), "list");
  const stale = names.filter((name) => isAsked(name) && isStale(resolve(folder, name)));
  for (const name of stale)
    await onDisk(join(folder, name), rm(join(folder, name), { force: true }), "remove");
  return stale;
}

function isStale(path: string): boolean {
  const pid = Number(TEMPORARY.exec(path)?.[1] ?? Number.NaN);
  if (Number.isNaN(pid)) return false;
  return pid === process.pid ? !inUse.has(path) : !isRunning(pid);
}

function pieces(content: FileContent): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === "string") return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : content;
}

async function onDisk<T>(path: string, operation: Promise<T>, action = "write"): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const failure = ioError(error, action, path);
    if (failure.code === "file/missing" && action === "write")
      throw new ConcordError("file/missing", `Cannot write ${path}: its folder does not exist.`, {
        cause: error,
        hint: "Create the folder first, or check the path.",
      });
    throw failure;
  }
}
