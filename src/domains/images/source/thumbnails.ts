/** @file Small pictures for cards: means over squares of pixels. */

import type { PictureSize } from "../pictures/picture-set.ts";

/** Longest side of a picture on a card, pixels. */
const SIDE = 64;

/** Pixels along a side that become one; the last ones of a side may be left out. */
export function shrinkBy([height, width]: PictureSize): number {
  return Math.ceil(Math.max(height, width) / SIDE);
}

/** The size that pictures are kept in. */
export function thumbnailSize(size: PictureSize): PictureSize {
  const by = shrinkBy(size);
  return [Math.max(1, Math.floor(size[0] / by)), Math.max(1, Math.floor(size[1] / by)), size[2]];
}

/** A picture [h, w, c] in the size that it is kept in. */
export function thumbnail(pixels: Uint8Array, size: PictureSize): Uint8Array {
  const by = shrinkBy(size);
  if (by === 1) return pixels;
  const [, width, channels] = size;
  const [h, w] = thumbnailSize(size);
  const out = new Uint8Array(h * w * channels);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < channels; c++) {
        let total = 0;
        for (let dy = 0; dy < by; dy++)
          for (let dx = 0; dx < by; dx++)
            total += pixels[((y * by + dy) * width + x * by + dx) * channels + c] ?? 0;
        out[(y * w + x) * channels + c] = Math.round(total / by ** 2);
      }
  return out;
}
