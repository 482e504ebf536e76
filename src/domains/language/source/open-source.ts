/** @file A language model's activations as a source: collected into the cache first, once. */

import { given } from "../../../base/given.ts";
import { openShardSource, requireStoreBuffer } from "../../../sources/shards/shard-source.ts";
import type { Source } from "../../../sources/source.ts";
import { fileRowsOptions, type SourceContext } from "../../../sources/source-kind.ts";
import type { LanguageModelConfig } from "../schema.ts";
import { type CollectedStore, type CollectStoreOptions, collectStore } from "./collect-store.ts";
import { collectOptions, serving, storeFolder } from "./from-config.ts";

/**
 * Collects what is not in the cache yet.
 *
 * @param onShape Told what the store will be like; what it throws ends the collection.
 * @throws {ConcordError} as `collectStore`.
 */
export async function collectIntoCache(
  source: LanguageModelConfig,
  context: SourceContext,
  onShape?: CollectStoreOptions["onShape"],
): Promise<CollectedStore> {
  const folder = await storeFolder(source, context);
  return collectStore(folder, { ...collectOptions(source, context), onShape });
}

/**
 * Collects what is not in the cache yet, and opens the store.
 *
 * @throws {ConcordError} as `collectStore` and `openShardSource`.
 */
export async function openLanguageModelSource(
  source: LanguageModelConfig,
  context: SourceContext,
): Promise<Source> {
  const { folder, notices: ofText } = await collectIntoCache(source, context, (store, rows) =>
    requireStoreBuffer(store, rows, serving(source)),
  );
  const rows = fileRowsOptions(source, context);
  const store = await openShardSource(given({ folder, ...rows }));
  return { ...store, notices: [...ofText, ...(store.notices ?? [])] };
}
