/** @file Whether a disk has room for what is about to be written there. */

import { statfs } from "node:fs/promises";
import { ConcordError } from "../errors.ts";
import { ioError } from "./io-error.ts";

/** Left free, for what else is written meanwhile. */
const RESERVE_BYTES = 64 * 2 ** 20;

/** Free bytes of the file system of a folder. @throws {ConcordError} `file/io`, `file/missing`. */
async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder).catch((error) => {
    throw ioError(error, "read", folder);
  });
  return bavail * bsize;
}

/** A size for people: `3 MiB`, `1.5 GiB`. */
export function showBytes(bytes: number): string {
  return bytes < 2 ** 30
    ? `${Math.ceil(bytes / 2 ** 20)} MiB`
    : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/**
 * @param what What is to be written, as in "`what` needs 3 MiB in /data".
 * @throws {ConcordError} `file/io` when the disk has less than `bytes` and a reserve of 64 MiB.
 */
export async function requireFreeBytes(
  what: string,
  folder: string,
  bytes: number,
  freeBytes: (folder: string) => Promise<number> = freeBytesOf,
): Promise<void> {
  if (bytes === 0) return;
  const free = await freeBytes(folder);
  if (bytes + RESERVE_BYTES <= free) return;
  throw new ConcordError(
    "file/io",
    `${what} needs ${showBytes(bytes)} in ${folder}, where ${showBytes(free)} are free.`,
    { hint: "Free some space there, or choose a folder on another disk." },
  );
}
