/**
 * @file Activation stores in an object store: sent once, named by their content, received into a
 *   cache by whoever trains on them.
 */

import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConcordError } from "../../errors.ts";
import { sha256Of } from "../../fetch/checksums.ts";
import type { ObjectStore } from "../../fetch/objects/object-store.ts";
import { StoredFolder } from "../../fetch/objects/stored-folder.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { takeWriterLock } from "../../formats/writer-lock.ts";
import { setStoreOrigin, storeIn } from "./cached-store.ts";
import { readShardIndex } from "./read-index.ts";
import { INDEX_FILE } from "./shard-index.ts";

/** How long somebody else's transfer into the same cache is waited for between looks. */
const LOOK_MS = 500;

/**
 * What names a store by its content: the SHA-256 of its index, which has a checksum of every block
 * and says where the rows come from.
 *
 * @throws {ConcordError} `run/conflict` for a store that is not finished; as `readShardIndex`.
 */
async function contentName(folder: string): Promise<string> {
  const { complete } = await readShardIndex(folder);
  if (complete) return sha256Of(join(folder, INDEX_FILE));
  throw new ConcordError("run/conflict", `The activation store ${folder} is not finished.`, {
    hint: "Run the command that collects it again: it goes on where it stopped.",
  });
}

/** A cache names a store by how it is collected; this object says what it then contains. */
const nameKey = (folder: string) => `cached/${basename(folder)}`;

/**
 * Shares a cache: what it lacks is received before anybody collects it.
 *
 * @param writer Who sends, for people.
 * @returns What sends the stores that were asked for until then.
 */
export function shareCache(store: ObjectStore, writer: string, signal?: AbortSignal) {
  const asked = new Set<string>();
  setStoreOrigin(async (folder) => {
    asked.add(folder);
    const named = await store.bucket.get(nameKey(folder));
    if (named === undefined) return;
    const content = Buffer.from(named.bytes).toString("utf8").trim();
    await pullShards(store, content, folder, signal);
  });
  return {
    async send(): Promise<void> {
      for (const folder of asked) {
        if (!(await storeIn(folder))) continue;
        const content = await pushShards(store, folder, writer);
        await store.bucket.put(nameKey(folder), new Uint8Array(Buffer.from(`${content}\n`)));
      }
    },
  };
}

/**
 * Sends an activation store, unless the object store has it.
 *
 * @returns Its content name.
 */
export async function pushShards(
  store: ObjectStore,
  folder: string,
  writer: string,
): Promise<string> {
  const name = await contentName(folder);
  const stored = new StoredFolder(store, `activations/${name}`, INDEX_FILE);
  const files = (await stored.read())?.manifest.files ?? [];
  if (files.length > 0) return name;
  await stored.claim(writer);
  await stored.publish(folder);
  return name;
}

/**
 * Receives an activation store into a folder, unless it is there. Several processes may want it at
 * once: one receives, the others wait.
 *
 * @throws {ConcordError} `file/missing` when the object store does not have it; `network/failed`,
 *   `file/io`, `interrupted`.
 */
export async function pullShards(
  store: ObjectStore,
  name: string,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  await makeFolder(folder);
  for (;;) {
    const there = await storeIn(folder);
    if (there && (await contentName(folder)) === name) return;
    const lock = await takeWriterLock(folder).catch((error: unknown) => {
      if (error instanceof ConcordError && error.code === "run/conflict") return undefined;
      throw error;
    });
    if (!lock) {
      await sleep(LOOK_MS, undefined, signal ? { signal } : {});
      continue;
    }
    try {
      const received = await new StoredFolder(store, `activations/${name}`, INDEX_FILE).pull(
        folder,
      );
      if (received === undefined || received.files.length === 0)
        throw new ConcordError(
          "file/missing",
          `${store.bucket.name} has no activations ${name.slice(0, 12)}…`,
          { hint: "Submit the runs again: that sends their activations first." },
        );
    } finally {
      await lock.release();
    }
    return;
  }
}
