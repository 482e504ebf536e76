/** @file Pictures of one size, read in another size or with other channels. */

import { withChannels } from "./colours.ts";
import { resizePicture } from "./decode.ts";
import type { Reading } from "./encoded-pictures.ts";
import { type PictureSet, type PictureSize, pictureBytes } from "./picture-set.ts";

/** The same pictures as `reading` asks for them. */
export function readInSize(set: PictureSet, { resize, channels }: Reading): PictureSet {
  const [height, width] = resize ?? [set.size[0], set.size[1]];
  const size: PictureSize = [height, width, channels ?? set.size[2]];
  const isSame = size.every((extent, i) => extent === set.size[i]);
  if (isSame) return set;
  const [each, had] = [pictureBytes(size), pictureBytes(set.size)];
  return {
    ...set,
    size,
    async read(pictures) {
      const before = await set.read(pictures);
      const out = new Uint8Array(pictures.length * each);
      for (let i = 0; i < pictures.length; i++) {
        const pixels = before.subarray(i * had, (i + 1) * had);
        const resized = await resizePicture({ size: set.size, pixels }, [height, width]);
        out.set(withChannels(resized, size[2]).pixels, i * each);
      }
      return out;
    },
    close: () => set.close(),
  };
}
