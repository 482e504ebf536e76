/**
 * @file `concord.json`, the last file written into a folder of the cache: where it came from and
 *   how long each file must be.
 */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isObject, type Json } from "../../base/json.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";

const NAME = "concord.json";

/** Where an installed folder came from. */
export interface InstalledFrom {
  readonly name: string;
  /** `npm:package@version` or `hub:org/name@revision`. */
  readonly source: string;
  readonly licence: string | undefined;
  readonly [key: string]: unknown;
}

/** Writes the manifest of a folder whose files are all in place. @param files Their names. */
export async function writeManifest(
  folder: string,
  from: InstalledFrom,
  files: readonly string[],
): Promise<void> {
  const sizes: Record<string, number> = {};
  for (const file of files) sizes[file] = (await stat(join(folder, file))).size;
  const text = `${JSON.stringify({ ...from, files: sizes }, null, 2)}\n`;
  await writeFileAtomically(join(folder, NAME), text);
}

/** The manifest of a folder, or undefined when there is none that can be read. */
export async function readManifest(folder: string): Promise<Json | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(join(folder, NAME), "utf8"));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a folder has a manifest and every file of it has its length. */
export async function isInstalled(folder: string): Promise<boolean> {
  const files = (await readManifest(folder))?.["files"];
  if (typeof files !== "object" || files === null) return false;
  for (const [file, size] of Object.entries(files)) {
    const found = await stat(join(folder, file)).catch(() => undefined);
    if (found?.size !== size) return false;
  }
  return true;
}
