/** @file Pictures of a .npy array. */

import { basename } from "node:path";
import { openNpy } from "../../../formats/npy.ts";
import { arrayOfPictures } from "./array-size.ts";
import { type PictureSet, pictureBytes } from "./picture-set.ts";

/**
 * Opens pictures [n, h, w] or [n, h, w, c] of unsigned bytes.
 *
 * @throws {FormatError} as `openNpy` and `arrayOfPictures`.
 */
export async function openNpyPictures(path: string): Promise<PictureSet> {
  const file = await openNpy(path);
  try {
    const { count, size } = arrayOfPictures(path, file.shape, file.dtype);
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
  } catch (error) {
    await file.close();
    throw error;
  }
}
