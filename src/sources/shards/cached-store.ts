/** @file Whether the cache has a store already, or somebody else does. */

import { ConcordError } from "../../errors.ts";
import type { CachedStore } from "../source-kind.ts";
import { readShardIndex } from "./read-index.ts";
import { rowsOfIndex, shardRowBytes } from "./shard-index.ts";

/** Brings a store into the folder where the cache would have it; does nothing when it has none. */
export type StoreOrigin = (folder: string) => Promise<void>;

let origin: StoreOrigin | undefined;

/** From now on, stores that the cache lacks are looked for there, before they are collected. */
export function setStoreOrigin(from: StoreOrigin | undefined): void {
  origin = from;
}

/** A store that is complete. @returns undefined when there is none, or only its beginning. */
export async function storeThere(folder: string): Promise<CachedStore | undefined> {
  const found = await storeIn(folder);
  if (found || !origin) return found;
  await origin(folder);
  return await storeIn(folder);
}

/** The same, without asking anybody else. */
export async function storeIn(folder: string): Promise<CachedStore | undefined> {
  try {
    const index = await readShardIndex(folder);
    if (!index.complete) return undefined;
    return { folder, bytes: rowsOfIndex(index) * shardRowBytes(index), isThere: true };
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing") return undefined;
    throw error;
  }
}
