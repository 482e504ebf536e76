/** @file Small pictures side by side, as one. */

import type { RowStrip } from "../../../evidence/card.ts";
import { encodePng } from "../../../formats/png.ts";
import { posesOf, type RowPlace, type RowShape } from "./row-place.ts";

/** Height of a strip, pixels. */
const HEIGHT = 32;

/** Grey between pictures, which stands out on light and on dark. */
const GAP = 2;
const GAP_GREY = 128;

/**
 * Pictures in one row, in the poses of their rows and in a height of 32 pixels, by the nearest
 * pixel.
 *
 * @param pixels [rows, h, w, c]
 */
export function pictureStrip(
  pixels: Uint8Array,
  places: readonly RowPlace[],
  shape: RowShape,
): RowStrip {
  const [h, w, channels] = shape.size;
  const one = Math.max(1, Math.round((w * HEIGHT) / h));
  const width = places.length * (one + GAP) - GAP;
  const out = new Uint8Array(HEIGHT * width * channels).fill(GAP_GREY);
  const moved = posesOf(shape);
  for (const [i, { pose }] of places.entries()) {
    const picture = pixels.subarray(i * h * w * channels, (i + 1) * h * w * channels);
    const posed = moved ? moved(picture, pose) : picture;
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < one; x++) {
        const from = (Math.floor((y * h) / HEIGHT) * w + Math.floor((x * w) / one)) * channels;
        const to = (y * width + i * (one + GAP) + x) * channels;
        for (let c = 0; c < channels; c++) out[to + c] = posed[from + c]!;
      }
  }
  const png = Buffer.from(encodePng(out, HEIGHT, width, channels)).toString("base64");
  return { png, width, height: HEIGHT };
}
