/** @file The cache of Hugging Face's own libraries: what they have downloaded is used in place. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HubRepository } from "./hub-file.ts";

/**
 * The folder of a repository there, `models--org--name/snapshots/<commit>`. It need not exist, nor
 * hold all files.
 */
export async function snapshotFolder(
  hubCacheDir: string,
  { id, revision }: HubRepository,
): Promise<string> {
  const repository = join(hubCacheDir, `models--${id.replace("/", "--")}`);
  const named = await readFile(join(repository, "refs", revision), "utf8").catch(() => revision);
  return join(repository, "snapshots", named.trim());
}
