/** @file Which arrays are pictures. */

import { FormatError } from "../../../errors.ts";
import type { PictureSize } from "./picture-set.ts";

/**
 * How many pictures an array holds, and of what size: [n, h, w] or [n, h, w, c] of unsigned bytes.
 *
 * @param name  Of the file, or of the array in it.
 * @param dtype As a person knows it: `uint8` is accepted.
 * @throws {FormatError} for another shape or type.
 */
export function arrayOfPictures(
  name: string,
  shape: readonly number[],
  dtype: string,
): { readonly count: number; readonly size: PictureSize } {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  if (dtype !== "uint8")
    throw new FormatError(name, `its numbers are ${dtype}, not unsigned bytes (uint8, 0 to 255).`, {
      hint: "Save them so, in numpy: (255 * x).round().astype('uint8') for x from 0 to 1.",
    });
  const isOfPictures =
    (shape.length === 3 || shape.length === 4) &&
    shape.every((extent) => extent > 0) &&
    (channels === 1 || channels === 3);
  if (!isOfPictures)
    throw new FormatError(
      name,
      `it has shape [${shape.join(", ")}], not [n, h, w], [n, h, w, 1] or [n, h, w, 3].`,
      { hint: "Channels come last: numpy.moveaxis(x, 1, -1)." },
    );
  return { count, size: [height, width, channels] };
}
