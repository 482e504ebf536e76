/** @file Opens what a store of pictures is made from: the pictures, their poses, and their rows. */

import { resolve } from "node:path";
import { permutation, randomStream } from "../../../base/philox.ts";
import type { GroupOptions } from "../groups/picture-group.ts";
import { elementsOf, type PixelMap } from "../groups/pixel-action.ts";
import { requireSmallMatrices } from "../groups/pixel-matrices.ts";
import { openPictures } from "../pictures/open-pictures.ts";
import type { PictureSet } from "../pictures/picture-set.ts";
import type { ImagesConfig } from "../schema.ts";
import { openModelRows } from "./model-rows.ts";
import { pixelRows, type RowMaker } from "./row-maker.ts";

/** Pictures that are open, and what makes their rows. */
export interface OpenedRows {
  readonly set: PictureSet;
  readonly maker: RowMaker;
  /** Where pixels come from in each pose; one that changes nothing without a group. */
  readonly poses: readonly PixelMap[] | undefined;
  /** Pictures that are used, in the order of their rows. */
  readonly order: Int32Array;
  close(): Promise<void>;
}

/** The group of a config; undefined for none. */
export function groupOf({
  group,
  steps,
}: Pick<ImagesConfig, "group" | "steps">): GroupOptions | undefined {
  return group === undefined ? undefined : { group, steps };
}

/**
 * The order in which pictures are kept: one permutation, whatever the seed of a run. The pictures
 * that are held out, the last ones, are therefore of all classes.
 */
export function keptOrder(count: number, most: number | undefined): Int32Array {
  return permutation(randomStream(0, "images/order"), count).subarray(0, most ?? count);
}

/**
 * Opens pictures and what makes their rows.
 *
 * @param threads Of a model.
 * @param standIn Makes rows instead of a model that is not there yet.
 * @throws {ConcordError} naming the file or key that does not fit.
 */
export async function openImageRows(
  source: ImagesConfig,
  baseFolder: string,
  threads: number,
  standIn?: { readonly maker: RowMaker } | undefined,
): Promise<OpenedRows> {
  const set = await openPictures(source, baseFolder);
  try {
    const [height, width] = set.size;
    const group = groupOf(source);
    const poses = group && elementsOf(group, height, width);
    const { model } = source;
    const maker =
      standIn?.maker ??
      (model === undefined
        ? pixelRows(set.size, source)
        : await openModelRows(source, set.size, { path: resolve(baseFolder, model), threads }));
    if (poses) requireSmallMatrices(poses.length, maker.dIn);
    const order = keptOrder(set.count, source.maxPictures);
    const close = async () => {
      await maker.close();
      await set.close();
    };
    return { set, maker, poses, order, close };
  } catch (error) {
    await set.close();
    throw error;
  }
}
