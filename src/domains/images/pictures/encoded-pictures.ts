/** @file Pictures that lie in PNG or JPEG: their one size is found first, then each is decoded. */

import { ConcordError } from "../../../errors.ts";
import { withChannels } from "./colours.ts";
import { decodePicture, type Extent, resizePicture, sizeOf } from "./decode.ts";
import { type PictureSet, type PictureSize, pictureBytes, showSize } from "./picture-set.ts";

/** Pictures in their coded bytes. */
export interface Encoded {
  readonly count: number;
  name(picture: number): string;
  bytes(picture: number): Promise<Uint8Array>;
}

/** What is done to each picture as it is read. */
export interface Reading {
  /** Height and width that all are given. Undefined: all must be of one size. */
  readonly resize?: Extent | undefined;
  /** Default: grey where all are grey. */
  readonly channels?: number | undefined;
}

/**
 * The size that all pictures have.
 *
 * @throws {ConcordError} `shape/mismatch` naming the first that differs, and both sizes.
 */
export async function commonSize(
  set: Encoded,
  { resize, channels }: Reading,
): Promise<PictureSize> {
  let first: PictureSize | undefined;
  let isGrey = true;
  for (let i = 0; i < set.count; i++) {
    const size = await sizeOf(await set.bytes(i), set.name(i));
    first ??= size;
    isGrey &&= size[2] === 1;
    const differs = size[0] !== first[0] || size[1] !== first[1];
    if (differs && resize === undefined)
      throw new ConcordError(
        "shape/mismatch",
        `${set.name(i)} is ${size[0]} × ${size[1]} pixels, but ${set.name(0)} is ${first[0]} × ${first[1]}; all pictures must be of one size.`,
        { hint: `Set source.resize: [${first[0]}, ${first[1]}] to give all of them that size.` },
      );
  }
  const [height, width] = resize ?? [first![0], first![1]];
  return [height, width, channels ?? (isGrey ? 1 : 3)];
}

/** Reads coded pictures in one size. */
export function decodingReader(set: Encoded, size: PictureSize): PictureSet["read"] {
  const each = pictureBytes(size);
  return async (pictures) => {
    const out = new Uint8Array(pictures.length * each);
    for (let i = 0; i < pictures.length; i++) {
      const name = set.name(pictures[i]!);
      const decoded = await decodePicture(await set.bytes(pictures[i]!), name);
      const { pixels } = withChannels(await resizePicture(decoded, [size[0], size[1]]), size[2]);
      if (pixels.length !== each)
        throw new ConcordError("shape/mismatch", `${name} is no longer ${showSize(size)} pixels.`);
      out.set(pixels, i * each);
    }
    return out;
  };
}
