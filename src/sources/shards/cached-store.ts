/** @file Whether the cache has a store already. */

import { ConcordError } from "../../errors.ts";
import type { CachedStore } from "../source-kind.ts";
import { readShardIndex } from "./read-index.ts";
import { rowsOfIndex, shardRowBytes } from "./shard-index.ts";

/** A store that is complete. @returns undefined when there is none, or only its beginning. */
export async function storeThere(folder: string): Promise<CachedStore | undefined> {
  try {
    const index = await readShardIndex(folder);
    if (!index.complete) return undefined;
    return { folder, bytes: rowsOfIndex(index) * shardRowBytes(index), isThere: true };
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing") return undefined;
    throw error;
  }
}
