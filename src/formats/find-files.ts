/** @file From a path, a folder or a pattern to the files that it means. */

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { escapePath, glob, isDynamicPattern } from "tinyglobby";
import { ConcordError } from "../errors.ts";
import { isTemporaryName } from "./atomic-file.ts";
import { ioError } from "./io-error.ts";

/** Whether a name is a pattern (`*`, `?`, `[...]`, `{...}`) and not just a path. */
export function isPattern(name: string): boolean {
  // After an escaped brace tinyglobby 0.2.17 does not look on.
  return isDynamicPattern(name.replace(/\\./g, ""));
}

/**
 * A pattern as seen from `folder`, whatever signs are in the folder's name. An existing path of
 * that name is that path.
 */
export function patternFrom(folder: string, pattern: string): string {
  const path = resolve(folder, pattern);
  return existsSync(path) ? path : resolve(escapePath(resolve(folder)), pattern);
}

/**
 * The files that a name means, as absolute paths in the order of their names. A file means itself,
 * whatever its ending. A folder means all files below it that end as asked, and a pattern those
 * that match. An existing path is never a pattern. Hidden files and folders are left out.
 *
 * @returns Undefined when there is nothing of that name; an empty list when the folder has or the
 *   pattern matches no file.
 * @throws {ConcordError} `argument/invalid` for a pipe or device, which cannot be read twice;
 *   `file/io`.
 */
export async function findFiles(name: string, endings: RegExp): Promise<string[] | undefined> {
  const path = resolve(name);
  const found = await stat(path).catch((error) => {
    const failure = ioError(error, "read", name);
    if (failure.code === "file/missing") return undefined;
    throw failure;
  });
  if (found?.isFile()) return [path];
  if (found && !found.isDirectory())
    throw new ConcordError("argument/invalid", `${name} is neither a file nor a folder.`, {
      hint: "A pipe or device cannot be read twice: write its output to a file.",
    });
  if (!found && !isPattern(name)) return undefined;
  const options = { absolute: true, onlyFiles: true, expandDirectories: false };
  const files = found
    ? await glob("**/*", { ...options, cwd: path })
    : await glob(name, { ...options, cwd: resolve(".") });
  return files
    .filter((file) => !isTemporaryName(file) && (!found || endings.test(basename(file))))
    .map((file) => resolve(file))
    .sort();
}
