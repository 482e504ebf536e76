/** @file Creates folders with their parents, and reports failures in words. */

import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConcordError } from "../errors.ts";
import { ioError, systemCode } from "./io-error.ts";

const ACTION = "make the folder";

async function isFolder(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw ioError(error, ACTION, path);
  }
}

/**
 * Makes a folder, and first those that it lies in; what is there stays.
 *
 * They are made one after the other: Node's recursive mkdir calls a read-only file system a missing
 * file, and does not end below /proc.
 *
 * @throws {ConcordError} `file/io` naming the folder that cannot be made.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await isFolder(folder);
    if (found) break;
    if (found === false)
      throw ioError(Object.assign(new Error(), { code: "ENOTDIR" }), ACTION, path);
    missing.unshift(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of missing)
    try {
      await mkdir(folder);
    } catch (error) {
      // Another process was faster.
      if (systemCode(error) === "EEXIST" && (await isFolder(folder))) continue;
      if (systemCode(error) !== "ENOENT") throw ioError(error, ACTION, folder);
      throw new ConcordError(
        "file/io",
        `Cannot ${ACTION} ${folder}: this file system takes none.`,
        {
          cause: error,
          hint: "Choose a folder on another file system.",
        },
      );
    }
}
