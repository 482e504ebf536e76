/** @file A language model's activations as a source: collected into the cache first, once. */

import { given } from "../../../base/given.ts";
import { storeThere } from "../../../sources/shards/cached-store.ts";
import {
  openShardSource,
  requireStoreBuffer,
  type StoreShape,
  storeBehind,
} from "../../../sources/shards/shard-source.ts";
import { fileRowsOptions, type SourceContext } from "../../../sources/source-kind.ts";
import type { ModelSource } from "../analyses/model-behind.ts";
import { describingBytesOf } from "../evidence/describing-bytes.ts";
import type { LanguageModelConfig } from "../schema.ts";
import type { CollectedStore } from "./collect-options.ts";
import { collectStores } from "./collect-store.ts";
import { collectOptions, passStores, serving } from "./from-config.ts";

/**
 * Collects what is not in the cache yet. Where the store of the source's own hook is whole, other
 * hooks of its pass are left as they are.
 *
 * @param onShape Told what the store will be like; what it throws ends the collection.
 * @throws {ConcordError} as `collectStores`.
 */
export async function collectIntoCache(
  source: LanguageModelConfig,
  context: SourceContext,
  onShape?: (store: StoreShape, rows: number) => void,
): Promise<CollectedStore> {
  const { own, all } = await passStores(source, context);
  const stores = (await storeThere(own.folder)) ? [own] : all;
  const collected = await collectStores(stores, {
    ...collectOptions(source, context),
    // Runs at the other hooks have their own say.
    onWidth: (dIn, hook) => void (hook === own.hook && context.onWidth?.(dIn)),
    onShape: (store, rows, hook) => void (hook === own.hook && onShape?.(store, rows)),
  });
  return collected[stores.indexOf(own)]!;
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
  const { model, hook } = collectOptions(source, context);
  return {
    ...store,
    store: storeBehind(folder, store, context),
    modelBehind: { model, hook },
    describingBytes: await describingBytesOf(model, hook, context.catalogue),
    notices: [...ofText, ...(store.notices ?? [])],
  };
}
