/**
 * @file Writes small pictures as PNG (RFC 2083). Our own, because cards and reports show pictures
 *   where no decoder of pictures is installed; this part of the format is a header and zlib.
 */

import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Colour types: grey, and red, green, blue. */
const COLOUR_TYPE: Readonly<Record<number, number>> = { 1: 0, 3: 2 };

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/**
 * The bytes of a PNG.
 *
 * @param pixels [height, width, channels], 0 to 255; 1 channel is grey, 3 are red, green, blue.
 */
export function encodePng(
  pixels: Uint8Array,
  height: number,
  width: number,
  channels: number,
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = COLOUR_TYPE[channels]!;
  const line = width * channels;
  const lines = new Uint8Array(height * (line + 1));
  // A line begins with its filter: the first with none, others with what changes from the one above.
  for (let y = 0; y < height; y++) {
    lines[y * (line + 1)] = y === 0 ? 0 : 2;
    for (let i = 0; i < line; i++)
      lines[y * (line + 1) + 1 + i] =
        pixels[y * line + i]! - (y === 0 ? 0 : pixels[(y - 1) * line + i]!);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}
