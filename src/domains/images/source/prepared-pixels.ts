/** @file Bytes of pictures to the numbers that rows and models take. */

import { ConfigError } from "../../../errors.ts";
import { type PictureSize, pictureBytes } from "../pictures/picture-set.ts";

/** How bytes become numbers. */
export interface PixelScale {
  /** One for all channels, or one for each, in the order red, green, blue. */
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
  readonly channelOrder: "rgb" | "bgr";
}

function perChannel(value: number | readonly number[], channels: number, key: string): number[] {
  if (typeof value === "number") return Array.from({ length: channels }, () => value);
  if (value.length === channels) return [...value];
  throw new ConfigError(
    `source.${key} has ${value.length} numbers, but pictures have ${channels} channel${channels > 1 ? "s" : ""}.`,
    { hint: "Give one number, or one for each channel; source.color decides the channels." },
  );
}

/**
 * Scales pictures [n, h, w, c]: (byte / 255 − mean) / std, channels in the order asked for.
 *
 * @returns [n, h, w, c]
 * @throws {ConfigError} for means or deviations of another number of channels, or a deviation of 0.
 */
export function pixelScaler(
  size: PictureSize,
  { mean, std, channelOrder }: PixelScale,
): (pixels: Uint8Array) => Float32Array {
  const channels = size[2];
  const means = perChannel(mean, channels, "mean");
  const deviations = perChannel(std, channels, "std");
  if (deviations.some((value) => !(value > 0)))
    throw new ConfigError("source.std must be above 0 in every channel.");
  const tables = means.map((m, c) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / deviations[c]!),
  );
  const from = Array.from({ length: channels }, (_, c) =>
    channelOrder === "bgr" ? channels - 1 - c : c,
  );
  const each = pictureBytes(size);
  return (pixels) => {
    const out = new Float32Array(pixels.length);
    for (let at = 0; at < pixels.length; at += each)
      for (let p = at; p < at + each; p += channels)
        for (let c = 0; c < channels; c++) out[p + c] = tables[from[c]!]![pixels[p + from[c]!]!]!;
    return out;
  };
}
