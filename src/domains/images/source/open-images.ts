/** @file A config's pictures as a source: rows collected into the cache first, once. */

import { given } from "../../../base/given.ts";
import { storeThere } from "../../../sources/shards/cached-store.ts";
import {
  openShardSource,
  requireStoreBuffer,
  type ShardSource,
  type StoreServing,
  storeBehind,
} from "../../../sources/shards/shard-source.ts";
import type { Source } from "../../../sources/source.ts";
import { fileRowsOptions, type SourceContext } from "../../../sources/source-kind.ts";
import type { Symmetry } from "../../../sources/symmetry.ts";
import { pictureGroup } from "../groups/picture-group.ts";
import type { PictureSize } from "../pictures/picture-set.ts";
import type { ImagesConfig, ImagesSourceConfig } from "../schema.ts";
import { actionWords } from "./action-words.ts";
import { collectImages, rowsPerPicture, storeShape } from "./collect-images.ts";
import { fittedSymmetry, pixelSymmetry } from "./image-symmetry.ts";
import { describingBytes, openKeptPictures, type PictureFacts } from "./kept-pictures.ts";
import { groupOf, type OpenedRows, openImageRows } from "./open-rows.ts";
import { pictureLabels } from "./picture-labels.ts";
import { imagesFolder, requireKeys } from "./place-images.ts";
import { withTrainedModel } from "./train-base-model.ts";

/** How the store is served, to be checked before there is one. */
export function serving(source: ImagesConfig): StoreServing {
  return given({
    where: "the rows of the pictures",
    bufferBytes: source.bufferBytes,
    heldOutFraction: source.heldOutFraction,
    heldOutRows: source.heldOutRows,
    draw: source.draw,
  });
}

/** Checks, before any row is made, that the store can be served. */
export function requireServable(
  source: ImagesConfig,
  opened: OpenedRows,
  context: SourceContext,
): void {
  const rows = opened.order.length * rowsPerPicture(opened);
  context.onWidth?.(opened.maker.dIn);
  requireStoreBuffer(storeShape(source, opened, context), rows, serving(source));
}

/** What a person should know of the pictures. */
function noticesOf(facts: PictureFacts): string[] {
  const { classes } = facts;
  if (classes?.length !== 1) return [];
  return [
    `All pictures are of one class, ${classes[0]}: nothing can be said of classes, and probes need two.`,
  ];
}

/** Collects the rows of the pictures, unless the cache has them. @returns The store's folder. */
export async function collectIntoCache(
  source: ImagesConfig,
  context: SourceContext,
): Promise<string> {
  requireKeys(source);
  const folder = await imagesFolder(source, context);
  if (await storeThere(folder)) return folder;
  const opened = await openImageRows(source, context.baseFolder, context.backend.threads);
  try {
    requireServable(source, opened, context);
    await collectImages(source, opened, context, folder);
  } finally {
    await opened.close();
  }
  return folder;
}

/** How rows move, where a group acts on their pictures. */
async function symmetryOf(
  source: ImagesConfig,
  store: ShardSource,
  folder: string,
  { backend }: SourceContext,
): Promise<{ symmetry: Symmetry; facts?: object; notices?: readonly string[] } | undefined> {
  const group = groupOf(source);
  if (!group) return undefined;
  const size = store.provenance["size"] as PictureSize;
  if (source.model === undefined) return { symmetry: pixelSymmetry(group, size) };
  const fitted = await fittedSymmetry(source, group, { folder, store, backend });
  return {
    symmetry: fitted.symmetry,
    facts: fitted.diagnostics,
    notices: [actionWords(fitted)],
  };
}

/**
 * Opens the source.
 *
 * @throws {ConcordError} naming the file or key that does not fit.
 */
export async function openImages(
  config: ImagesSourceConfig,
  context: SourceContext,
): Promise<Source> {
  const acting = groupOf(config);
  if (acting) context.onOrbits?.({ group: acting.group, size: pictureGroup(acting).size });
  const source = await withTrainedModel(config, context);
  const folder = await collectIntoCache(source, context);
  const kept = await openKeptPictures(folder);
  await kept?.close();
  const { facts } = kept!;
  const store = await openShardSource(
    given({ folder, orbitSize: facts.poses, ...fileRowsOptions(source, context) }),
  );
  const moved = await symmetryOf(source, store, folder, context);
  const symmetry = moved?.symmetry;
  return {
    ...store,
    store: storeBehind(folder, store, context),
    ...(symmetry && { symmetry }),
    labels: () => pictureLabels(source, folder),
    provenance: { ...store.provenance, ...(moved?.facts && { action: moved.facts }) },
    memoryBytes: store.memoryBytes + (symmetry?.matrices.byteLength ?? 0),
    describingBytes: describingBytes(store.heldOut.rows, facts),
    notices: [...noticesOf(facts), ...(moved?.notices ?? []), ...(store.notices ?? [])],
  };
}
