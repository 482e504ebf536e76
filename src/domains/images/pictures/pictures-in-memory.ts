/** @file Pictures that are held in memory, by number. */

import { type PictureSet, type PictureSize, pictureBytes } from "./picture-set.ts";

/** Reads pictures out of [n, height, width, channels]. */
export function readerOf(pixels: Uint8Array, size: PictureSize): PictureSet["read"] {
  const each = pictureBytes(size);
  return async (pictures) => {
    const out = new Uint8Array(pictures.length * each);
    for (let i = 0; i < pictures.length; i++)
      out.set(pixels.subarray(pictures[i]! * each, (pictures[i]! + 1) * each), i * each);
    return out;
  };
}
