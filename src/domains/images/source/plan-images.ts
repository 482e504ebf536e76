/** @file What a plan needs to know of a config's pictures, without collecting their rows. */

import { existsSync } from "node:fs";
import { given } from "../../../base/given.ts";
import { drawnRows } from "../../../sources/rows/draw.ts";
import { heldOutCount } from "../../../sources/rows/stored-rows.ts";
import { DEFAULT_BLOCK_BYTES } from "../../../sources/rows/train-stream.ts";
import { storeThere } from "../../../sources/shards/cached-store.ts";
import { shardRowBytes } from "../../../sources/shards/shard-index.ts";
import type { Source } from "../../../sources/source.ts";
import { factsOf, type PlanSourceContext, type SourcePlan } from "../../../sources/source-kind.ts";
import { pictureBytes } from "../pictures/picture-set.ts";
import type { ImagesConfig, ImagesSourceConfig } from "../schema.ts";
import { picturesAtATime, posed, rowsPerPicture } from "./collect-images.ts";
import { pixelSymmetry, plannedSymmetry } from "./image-symmetry.ts";
import { describingBytes, keptBytes } from "./kept-pictures.ts";
import { requireServable } from "./open-images.ts";
import { groupOf, type OpenedRows, openImageRows } from "./open-rows.ts";
import { imagesFolder, requireKeys } from "./place-images.ts";
import { planTraining } from "./plan-base-model.ts";
import { thumbnailSize } from "./thumbnails.ts";
import { placeAutoencoder, withoutTraining } from "./train-base-model.ts";

/** Seconds that the rows of all pictures take, from those of one piece. */
async function secondsOf(opened: OpenedRows, clock: () => number): Promise<number> {
  const { set, maker, poses, order } = opened;
  const piece = order.subarray(0, picturesAtATime(opened));
  const start = clock();
  await maker.rows(posed(await set.read(piece), set.size, poses));
  return ((clock() - start) / 1000) * (order.length / piece.length);
}

/** The symmetry of rows that are not there yet. */
function symmetry(source: ImagesConfig, { set, maker }: OpenedRows) {
  const group = groupOf(source)!;
  return source.model === undefined
    ? pixelSymmetry(group, set.size)
    : plannedSymmetry(group, maker.dIn);
}

async function planned(
  source: ImagesConfig,
  context: PlanSourceContext,
  opened: OpenedRows,
): Promise<Omit<SourcePlan, "store" | "source">> {
  const { set, maker, poses, order } = opened;
  const { dIn } = maker;
  const rows = order.length * rowsPerPicture(opened);
  const bytes = rows * shardRowBytes({ dtype: source.dtype, dIn });
  const heldOut = given({
    heldOutFraction: source.heldOutFraction,
    heldOutRows: source.heldOutRows,
  });
  const perPicture = rowsPerPicture(opened);
  // Whole pictures are held out.
  const asked = heldOutCount(rows, heldOut, "the pictures");
  const heldOutRows = Math.ceil(asked / perPicture) * perPicture;
  const trainRows = drawnRows(rows - heldOutRows, source.draw, perPicture).count;
  const whole = (trainRows * (bytes + 4 * rows)) / rows + 2 * DEFAULT_BLOCK_BYTES;
  const matrices = poses ? 4 * poses.length * dIn ** 2 : 0;
  const size = thumbnailSize(set.size);
  return {
    facts: {
      dIn,
      rowsPerPass: trainRows,
      heldOutRows,
      trueFeatures: 0,
      memoryBytes: Math.min(source.bufferBytes, whole) + matrices,
      symmetry: groupOf(source) && symmetry(source, opened),
      describingBytes: describingBytes(heldOutRows, {
        size: [...size],
        poses: poses?.length ?? 1,
        positions: maker.positions,
      }),
    },
    collect: {
      rows,
      bytes: bytes + keptBytes(order.length, size),
      seconds: await secondsOf(opened, context.clock),
      memoryBytes:
        set.memoryBytes +
        maker.memoryBytes +
        keptBytes(order.length, size) +
        picturesAtATime(opened) * (poses?.length ?? 1) * (pictureBytes(set.size) + 4 * dIn),
    },
  };
}

/**
 * Facts of the source. Pictures are opened and a few are read; nothing is written.
 *
 * @param open Opens the source once its store is there.
 * @throws {ConcordError} naming the file or key that does not fit.
 */
export async function planImages(
  config: ImagesSourceConfig,
  context: PlanSourceContext,
  open: () => Promise<Source>,
): Promise<SourcePlan> {
  const placed = await placeAutoencoder(config, context);
  const untrained = placed && !existsSync(placed.source.model!) ? placed : undefined;
  const source = placed?.source ?? withoutTraining(config);
  requireKeys(source);
  const folder = untrained ? placed!.folder : await imagesFolder(source, context);
  const store = untrained ? undefined : await storeThere(folder);
  if (store) {
    const opened = await open();
    return { facts: factsOf(opened), source: opened, collect: undefined, store };
  }
  const training = untrained && (await planTraining(config, untrained.settings, context));
  const opened = await openImageRows(source, context.baseFolder, context.backend.threads, training);
  try {
    requireServable(source, opened, context);
    const { facts, collect } = await planned(source, context, opened);
    const whole = training && collect ? training.before(collect) : collect;
    const bytes = collect?.bytes ?? 0;
    return { facts, collect: whole, source: undefined, store: { folder, bytes, isThere: false } };
  } finally {
    await opened.close();
  }
}
