/** @file Pictures with their channels in front. */

import { type PictureSize, pictureBytes } from "../pictures/picture-set.ts";

/** [n, h, w, c] as [n, c, h, w]. */
export function channelsFirst(pixels: Float32Array, size: PictureSize): Float32Array {
  const [height, width, channels] = size;
  if (channels === 1) return pixels;
  const out = new Float32Array(pixels.length);
  const each = pictureBytes(size);
  const places = height * width;
  for (let at = 0; at < pixels.length; at += each)
    for (let p = 0; p < places; p++)
      for (let c = 0; c < channels; c++) out[at + c * places + p] = pixels[at + p * channels + c]!;
  return out;
}
