/**
 * @file PNG and JPEG to numbers, by sharp (libvips). Transparency is dropped and 16 bits become 8.
 *   Orientation in EXIF is not applied; Pillow and torchvision do not apply it either.
 */

import { FormatError, messageOf } from "../../../errors.ts";
import type { PictureSize } from "./picture-set.ts";
import { loadSharp } from "./sharp.ts";

/** More than any data set of pictures has; a header that claims more is refused. */
const PIXELS_MAX = 2 ** 24;

/** One picture. */
export interface Picture {
  readonly size: PictureSize;
  /** [height, width, channels] */
  readonly pixels: Uint8Array;
}

/** Height and width in pixels. */
export type Extent = readonly [height: number, width: number];

/** The name of what a file begins as; undefined for neither PNG nor JPEG. */
export function codingOf(bytes: Uint8Array): "PNG" | "JPEG" | undefined {
  if (Buffer.from(bytes.subarray(0, 8)).toString("latin1") === "\x89PNG\r\n\x1a\n") return "PNG";
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff ? "JPEG" : undefined;
}

async function opened(bytes: Uint8Array, name: string) {
  const coding = codingOf(bytes);
  if (coding === undefined)
    throw new FormatError(
      name,
      bytes.length === 0 ? "the file is empty." : "it is neither a PNG nor a JPEG picture.",
    );
  const sharp = await loadSharp(`Decoding ${name}`);
  return { coding, image: sharp(bytes, { limitInputPixels: PIXELS_MAX, failOn: "warning" }) };
}

function damaged(name: string, coding: string, cause: unknown): FormatError {
  return new FormatError(name, `its ${coding} is damaged or truncated (${messageOf(cause)}).`, {
    cause,
    hint: "Copy it again, or take it out of the folder.",
  });
}

/**
 * The size of a picture, from its header.
 *
 * @throws {FormatError} for bytes that are neither PNG nor JPEG, or whose header is damaged.
 */
export async function sizeOf(bytes: Uint8Array, name: string): Promise<PictureSize> {
  const { coding, image } = await opened(bytes, name);
  try {
    const { height, width, channels = 3, hasAlpha = false } = await image.metadata();
    const colours = channels - (hasAlpha ? 1 : 0);
    return [height, width, colours === 1 ? 1 : 3];
  } catch (error) {
    throw damaged(name, coding, error);
  }
}

/**
 * Decodes a picture.
 *
 * @throws {FormatError} as `sizeOf`, and for pixels that are damaged or end early.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  const [, , channels] = await sizeOf(bytes, name);
  const { coding, image } = await opened(bytes, name);
  try {
    const { data, info } = await image
      .removeAlpha()
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { size: [info.height, info.width, info.channels === 1 ? 1 : 3], pixels: data };
  } catch (error) {
    throw damaged(name, coding, error);
  }
}

/**
 * A picture of another size, whatever its proportions were: Lanczos' kernel of three lobes, widened
 * where a picture shrinks.
 */
export async function resizePicture(picture: Picture, [height, width]: Extent): Promise<Picture> {
  const [h, w, channels] = picture.size;
  if (h === height && w === width) return picture;
  const sharp = await loadSharp("Resizing pictures");
  const raw = { width: w, height: h, channels: channels === 1 ? 1 : 3 } as const;
  const { data } = await sharp(picture.pixels, { raw })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { size: [height, width, channels], pixels: data };
}
