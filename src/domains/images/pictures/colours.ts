/** @file Grey pictures in three channels, and coloured ones in one. */

import type { Picture } from "./decode.ts";

/**
 * A picture of `channels` channels. Grey is repeated for each colour. Colour becomes grey as
 * .299 R + .587 G + .114 B, rounded (ITU-R BT.601, as Pillow's mode L).
 */
export function withChannels({ size, pixels }: Picture, channels: number): Picture {
  const [height, width, had] = size;
  if (had === channels) return { size, pixels };
  const out = new Uint8Array(height * width * channels);
  for (let p = 0; p < height * width; p++)
    if (channels === 1)
      out[p] = Math.round(
        0.299 * pixels[3 * p]! + 0.587 * pixels[3 * p + 1]! + 0.114 * pixels[3 * p + 2]!,
      );
    else out.fill(pixels[p]!, 3 * p, 3 * p + 3);
  return { size: [height, width, channels], pixels: out };
}
