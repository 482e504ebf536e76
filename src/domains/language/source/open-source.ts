/** @file A language model's activations as a source: collected into the cache first, once. */

import { given } from "../../../base/given.ts";
import { openShardSource, requireStoreBuffer } from "../../../sources/shards/shard-source.ts";
import { fileRowsOptions, type SourceContext } from "../../../sources/source-kind.ts";
import type { ModelSource } from "../analyses/model-behind.ts";
import type { LanguageModelConfig } from "../schema.ts";
import type { CollectedStore, CollectStoreOptions } from "./collect-options.ts";
import { collectStores } from "./collect-store.ts";
import { collectOptions, passStores, serving } from "./from-config.ts";

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
  const stores = await passStores(source, context);
  const all = await collectStores(stores, { ...collectOptions(source, context), onShape });
  return all[stores.findIndex(({ hook }) => hook === source.hook)]!;
}

/**
 * Collects what is not in the cache yet, and opens the store.
 *
 * @throws {ConcordError} as `collectStore` and `openShardSource`.
 */
export async function openLanguageModelSource(
  source: LanguageModelConfig,
  context: SourceContext,
): Promise<ModelSource> {
  const { folder, notices: ofText } = await collectIntoCache(source, context, (store, rows) =>
    requireStoreBuffer(store, rows, serving(source)),
  );
  const rows = fileRowsOptions(source, context);
  const store = await openShardSource(given({ folder, ...rows }));
  const {
    model,
    hook,
    threads = context.backend.threads,
    catalogue,
  } = collectOptions(source, context);
  return {
    ...store,
    modelBehind: {
      model,
      hook,
      folder,
      threads,
      catalogue,
      trainRows: store.train.rowsPerPass!,
    },
    notices: [...ofText, ...(store.notices ?? [])],
  };
}
