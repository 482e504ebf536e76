/**
 * @file Rows of pictures written once to an activation store, a few pictures in memory at a time.
 */

import { ConcordError } from "../../../errors.ts";
import { emptyIndex, type ShardWriterOptions } from "../../../sources/shards/begin-store.ts";
import type { StoreShape } from "../../../sources/shards/shard-source.ts";
import { openShardWriter } from "../../../sources/shards/shard-writer.ts";
import type { SourceContext } from "../../../sources/source-kind.ts";
import { movePicture } from "../groups/pixel-action.ts";
import { type PictureSize, pictureBytes } from "../pictures/picture-set.ts";
import type { ImagesConfig } from "../schema.ts";
import { imageProvenance } from "./image-provenance.ts";
import { keepPictures, type PictureFacts } from "./kept-pictures.ts";
import { keepTasks } from "./kept-tasks.ts";
import { groupOf, type OpenedRows } from "./open-rows.ts";
import { thumbnail, thumbnailSize } from "./thumbnails.ts";

/** Bytes of pictures, poses included, that rows are made of at a time. */
const PIECE_BYTES = 2 ** 22;

/** The most pictures at a time, poses included. */
const PIECE_PICTURES = 64;

/** Rows of one picture. */
export function rowsPerPicture({ maker, poses }: Pick<OpenedRows, "maker" | "poses">): number {
  return (poses?.length ?? 1) * maker.positions;
}

/** Pictures, without their poses, that rows are made of at a time. */
export function picturesAtATime({ set, poses }: Pick<OpenedRows, "set" | "poses">): number {
  const each = pictureBytes(set.size) * (poses?.length ?? 1);
  const most = Math.floor(PIECE_PICTURES / (poses?.length ?? 1));
  return Math.max(1, Math.min(most, Math.floor(PIECE_BYTES / each)));
}

/**
 * The options of the store. A picture's rows are a group, so that none is trained on and held out.
 */
function storeOptions(
  source: ImagesConfig,
  opened: OpenedRows,
  context: Pick<SourceContext, "baseFolder" | "backend">,
  folder: string,
): ShardWriterOptions {
  return {
    folder,
    dIn: opened.maker.dIn,
    dtype: source.dtype,
    provenance: imageProvenance(source, opened, context.baseFolder),
    groupRows: rowsPerPicture(opened),
    // At most a block more is held out than was asked for.
    blockBytes: 2 ** 20,
    kernels: context.backend,
  };
}

/** What the store will be like. */
export function storeShape(
  source: ImagesConfig,
  opened: OpenedRows,
  context: Pick<SourceContext, "baseFolder" | "backend">,
): StoreShape {
  return emptyIndex(storeOptions(source, opened, context, ""));
}

/** Every pose of pictures, those of one picture together: [n · poses, h, w, c]. */
export function posed(
  pixels: Uint8Array,
  size: PictureSize,
  poses: OpenedRows["poses"],
): Uint8Array {
  if (!poses) return pixels;
  const each = pictureBytes(size);
  const out = new Uint8Array(pixels.length * poses.length);
  for (let at = 0, to = 0; at < pixels.length; at += each)
    for (const map of poses) {
      const into = out.subarray(to, to + each);
      movePicture(pixels.subarray(at, at + each), map, size[2], into);
      to += each;
    }
  return out;
}

/** The small pictures of a set, filled as pictures are read. */
class Thumbnails {
  readonly size: PictureSize;
  readonly pictures: Uint8Array;
  readonly #from: PictureSize;
  #to = 0;

  constructor(count: number, from: PictureSize) {
    this.#from = from;
    this.size = thumbnailSize(from);
    this.pictures = new Uint8Array(count * pictureBytes(this.size));
  }

  add(pixels: Uint8Array): void {
    const each = pictureBytes(this.#from);
    for (let at = 0; at < pixels.length; at += each, this.#to += pictureBytes(this.size))
      this.pictures.set(thumbnail(pixels.subarray(at, at + each), this.#from), this.#to);
  }
}

function factsOf(source: ImagesConfig, opened: OpenedRows, size: PictureSize): PictureFacts {
  const { set, maker, poses, order } = opened;
  const group = groupOf(source);
  return {
    size: [...size],
    poses: poses?.length ?? 1,
    positions: maker.positions,
    grid: maker.grid ? [...maker.grid] : null,
    group: group ? { group: group.group, steps: group.steps ?? 2 } : null,
    names: Array.from(order, (picture) => set.name(picture)),
    classes: set.classes ? [...set.classes.names] : null,
    tasks: (set.tasks ?? []).map(({ name, kind }) => ({ name, kind })),
  };
}

/**
 * Writes the store. One that was interrupted is continued: pictures are read again, for the small
 * ones, but their rows are not made again.
 *
 * @throws {ConcordError} `interrupted`; of reading pictures, the model and the store.
 */
export async function collectImages(
  source: ImagesConfig,
  opened: OpenedRows,
  context: SourceContext,
  folder: string,
): Promise<void> {
  const { set, maker, poses, order } = opened;
  const { signal, onProgress } = context;
  const writer = await openShardWriter(storeOptions(source, opened, context, folder));
  try {
    const perPicture = rowsPerPicture(opened);
    const there = writer.rowsWritten / perPicture;
    const small = new Thumbnails(order.length, set.size);
    const atATime = picturesAtATime(opened);
    for (let first = 0; first < order.length; first += atATime) {
      if (signal?.aborted)
        throw new ConcordError("interrupted", `Collecting into ${folder} was interrupted.`, {
          hint: "Run the same command again: it continues where it stopped.",
        });
      const numbers = order.subarray(first, first + atATime);
      const pixels = await set.read(numbers);
      small.add(pixels);
      const missing = Math.max(0, Math.min(numbers.length, first + numbers.length - there));
      if (missing > 0) {
        const each = pictureBytes(set.size);
        const fresh = pixels.subarray((numbers.length - missing) * each);
        await writer.append(await maker.rows(posed(fresh, set.size, poses)));
      }
      onProgress?.({
        what: "collecting pictures",
        done: first + numbers.length,
        total: order.length,
        unit: "pictures",
        resumed: there,
      });
    }
    const { classes, tasks = [] } = set;
    // Before the index says that the store is complete, so that a complete one always has them.
    await keepPictures(folder, {
      facts: factsOf(source, opened, small.size),
      pictures: small.pictures,
      classes: classes && order.map((picture) => classes.of[picture]!),
      tasks: tasks.map(({ labels }) => Uint8Array.from(order, (picture) => labels[picture]!)),
    });
    if (tasks.length > 0) await keepTasks(folder, tasks, order);
    await writer.finish();
  } catch (error) {
    await writer.close();
    throw error;
  }
}
