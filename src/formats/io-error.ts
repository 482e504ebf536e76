/**
 * @file Failures of the file system in words. Node reports them as
 *   `ENOSPC: no space left on device, write`; the person who must act needs to know which file,
 *   what was being done, and what to do about it.
 */

import { accessSync, constants } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConcordError } from "../errors.ts";

/** What each error code of the operating system means, and what to do about it. */
const MEANINGS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  ENOSPC: ["the disk is full", "Free some space there, or choose a folder on another disk."],
  EDQUOT: ["the disk quota is used up", "Free some space, or choose a folder on another disk."],
  EROFS: ["the file system is read-only", "Choose a folder on a file system that can be written."],
  EACCES: ["permission is denied", "Check the owner and mode of the file and its folder."],
  EPERM: ["the operation is not permitted", "Check the owner and mode of the file and its folder."],
  EEXIST: ["something of that name is there already", "Remove it, or choose another name."],
  ELOOP: ["its links lead in a circle", "Check the links on the path."],
  EBUSY: ["it is in use", "Close what uses it, and try again."],
  ENOMEM: ["the memory is used up", "Close other programs, or choose a smaller setting."],
  ENOTEMPTY: ["the folder is not empty", "Remove what is in it, or choose another."],
  ESTALE: ["the network file system has lost it", "Mount it again, and try again."],
  ETIMEDOUT: ["the file system does not answer", "Check the network, and try again."],
  ENODEV: ["the file system cannot do that", "Choose a folder on another file system."],
  ENOTSUP: ["the file system cannot do that", "Choose a folder on another file system."],
  EISDIR: ["it is a folder", "Name a file."],
  ENOTDIR: ["a part of the path is not a folder", "Check the path."],
  ENAMETOOLONG: ["the name is too long", "Choose a shorter one."],
  EFBIG: ["the file would be larger than is allowed here", "Raise the limit (`ulimit -f`)."],
  EMFILE: ["too many files are open", "Raise the limit (`ulimit -n`)."],
  ENFILE: ["too many files are open on this machine", "Close other programs."],
  EIO: ["the disk reported an error", "Check the disk and the system log before trusting it."],
};

/** The operating system's code of a thrown value (`ENOSPC`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * What a code of the operating system means, and what to do about it; undefined for one that says
 * little.
 */
export function meaningOf(error: unknown): readonly [problem: string, hint: string] | undefined {
  const code = systemCode(error);
  return code === undefined ? undefined : MEANINGS[code];
}

/**
 * The code of a failure. Node calls it ENOENT that a folder with its parents cannot be made on a
 * read-only file system; the nearest folder that is there tells.
 */
function codeOf(error: unknown, path: string): string | undefined {
  const code = systemCode(error);
  if (code !== "ENOENT" || (error as { syscall?: unknown }).syscall !== "mkdir") return code;
  for (let folder = resolve(path); ; folder = dirname(folder))
    try {
      accessSync(folder, constants.W_OK);
      return code;
    } catch (failure) {
      if (systemCode(failure) !== "ENOENT") return systemCode(failure);
    }
}

/**
 * The error for a failed file operation. It is `file/missing` when the file is not there, and
 * `argument/invalid` when the path cannot be that of a file; otherwise `file/io`. Errors that
 * Concord raised itself pass through unchanged.
 *
 * @param action What was being done, as in "Cannot `action` `path`": `"read"`, `"write"`.
 */
export function ioError(error: unknown, action: string, path: string): ConcordError {
  if (error instanceof ConcordError) return error;
  const code = codeOf(error, path);
  if (code === "ENOENT")
    return new ConcordError("file/missing", `Cannot ${action} ${path}: there is no such file.`, {
      cause: error,
      hint: "A relative path in a config starts at the config's folder; on the command line it starts at the working directory.",
    });
  const known = meaningOf(error);
  const problem = known?.[0] ?? (error instanceof Error ? error.message : String(error));
  // Another path is what mends these.
  const isMisnamed = code === "EISDIR" || code === "ENOTDIR" || code === "ENAMETOOLONG";
  const shown = known === undefined ? problem : `${problem} (${code})`;
  const kind = isMisnamed ? "argument/invalid" : "file/io";
  return new ConcordError(kind, `Cannot ${action} ${path}: ${shown}.`, {
    cause: error,
    ...(known === undefined ? {} : { hint: known[1] }),
  });
}
