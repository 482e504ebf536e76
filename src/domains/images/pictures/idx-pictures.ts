/** @file Pictures of an IDX file, and the labels that lie beside it. */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FormatError } from "../../../errors.ts";
import { readIdx } from "../../../formats/idx.ts";
import type { PictureSet, PictureSize } from "./picture-set.ts";
import { readerOf } from "./pictures-in-memory.ts";

/** A file of pictures is read whole. */
export const IDX_BYTES_MAX = 2 ** 31;

/**
 * The labels of MNIST's naming: `train-labels-idx1-ubyte.gz` for `train-images-idx3-ubyte.gz`.
 *
 * @returns Undefined where no such file is there.
 */
export function labelsBeside(path: string): string | undefined {
  const name = basename(path);
  const labels = name.replace(/images([-.])idx[34]/, "labels$1idx1");
  const beside = join(dirname(path), labels);
  return labels !== name && existsSync(beside) ? beside : undefined;
}

/**
 * Opens pictures [n, h, w] or [n, h, w, c].
 *
 * @throws {FormatError} as `readIdx`, and for an array of another shape.
 */
export async function openIdxPictures(path: string): Promise<PictureSet> {
  const { shape, data } = await readIdx(path, IDX_BYTES_MAX);
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const isPictures =
    (shape.length === 3 || shape.length === 4) &&
    shape.every((extent) => extent > 0) &&
    (channels === 1 || channels === 3);
  if (!isPictures)
    throw new FormatError(
      path,
      `it holds an array [${shape.join(", ")}], not pictures [n, h, w] or [n, h, w, 3].`,
      shape.length === 1 ? { hint: "It looks like labels: give it as source.labels." } : {},
    );
  const size: PictureSize = [height, width, channels];
  return {
    count,
    size,
    name: (picture) => `${basename(path)}, picture ${picture}`,
    memoryBytes: data.length,
    read: readerOf(data, size),
    close: async () => undefined,
  };
}
