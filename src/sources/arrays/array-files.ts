/** @file Which files a path, a pattern or a list of both stands for. */

import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { ConcordError } from "../../errors.ts";
import { findFiles, isPattern, patternFrom } from "../../formats/find-files.ts";
import { showName } from "../../formats/show-name.ts";

/** Any ending: what is not an array is refused when it is opened. */
const ANY = /(?:)/;

/**
 * The files that `paths` names. A path that exists is that file, whatever signs are in its name;
 * another with `*`, `?`, `[…]` or `{…}` is a pattern. What a pattern finds is sorted by the code
 * units of its path; a list keeps its order. A file that is named twice counts once.
 *
 * @param folder Where relative paths start. Default: the working directory, and relative paths stay
 *   relative.
 * @throws {ConcordError} `file/missing` naming a pattern that nothing matches.
 */
export async function arrayFiles(
  paths: string | readonly string[],
  folder?: string,
): Promise<string[]> {
  const files = new Map<string, string>();
  for (const path of [paths].flat())
    for (const file of await matches(path, folder)) {
      const whole = resolve(file);
      if (!files.has(whole)) files.set(whole, file);
    }
  if (files.size === 0)
    throw new ConcordError("argument/invalid", "Expected at least one file but received none.");
  return [...files.values()];
}

async function matches(path: string, folder: string | undefined): Promise<string[]> {
  const whole = folder === undefined ? path : resolve(folder, path);
  if (existsSync(whole) || !isPattern(path)) return [whole];
  const found = (await findFiles(patternFrom(folder ?? ".", path), ANY)) ?? [];
  if (found.length === 0)
    throw new ConcordError("file/missing", `No file matches ${showName(path)}.`, {
      hint: "A relative pattern in a config starts at the config's folder; on the command line it starts at the working directory.",
    });
  const isTyped = folder === undefined && !isAbsolute(path);
  return isTyped ? found.map((file) => relative(".", file)) : found;
}
