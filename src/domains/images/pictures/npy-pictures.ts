/** @file Pictures of a .npy array. */

import { basename } from "node:path";
import { FormatError } from "../../../errors.ts";
import { openNpy } from "../../../formats/npy.ts";
import { type PictureSet, type PictureSize, pictureBytes } from "./picture-set.ts";

/**
 * Opens pictures [n, h, w] or [n, h, w, c] of unsigned bytes.
 *
 * @throws {FormatError} as `openNpy`, and for an array of another shape or type.
 */
export async function openNpyPictures(path: string): Promise<PictureSet> {
  const file = await openNpy(path);
  const { shape, dtype } = file;
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const refuse = async (problem: string, hint: string) => {
    await file.close();
    throw new FormatError(path, problem, { hint });
  };
  if (dtype !== "uint8")
    await refuse(
      `its numbers are ${dtype}, not unsigned bytes (uint8, 0 to 255).`,
      "Save them so: numpy.save(path, (255 * x).round().astype('uint8')) for x from 0 to 1.",
    );
  const isOfPictures =
    (shape.length === 3 || shape.length === 4) &&
    shape.every((extent) => extent > 0) &&
    (channels === 1 || channels === 3);
  if (!isOfPictures)
    await refuse(
      `it has shape [${shape.join(", ")}], not [n, h, w], [n, h, w, 1] or [n, h, w, 3].`,
      "Channels come last: numpy.moveaxis(x, 1, -1).",
    );
  const size: PictureSize = [height, width, channels];
  const each = pictureBytes(size);
  return {
    count,
    size,
    name: (picture) => `${basename(path)}, picture ${picture}`,
    memoryBytes: 0,
    async read(pictures) {
      const out = new Uint8Array(pictures.length * each);
      for (let i = 0; i < pictures.length; i++)
        await file.readBytes(pictures[i]! * each, out.subarray(i * each, (i + 1) * each));
      return out;
    },
    close: () => file.close(),
  };
}
