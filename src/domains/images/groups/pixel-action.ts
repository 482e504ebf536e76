/**
 * @file How elements of a group move pixels. An element is a list: where each pixel of
 *   the new picture comes from. The same list moves pictures of any number of channels, and rows.
 */

import { ConfigError } from "../../../errors.ts";
import { type GroupOptions, pictureGroup } from "./picture-group.ts";

/** Pixel p of the moved picture is pixel `from[p]` of the picture; both count row by row. */
export type PixelMap = Int32Array<ArrayBuffer>;

function mapOf(height: number, width: number, from: (y: number, x: number) => [number, number]) {
  const map = new Int32Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [fromY, fromX] = from(y, x);
      map[y * width + x] = fromY * width + fromX;
    }
  return map;
}

/** A quarter turn against the clock, as numpy.rot90. */
const quarterTurn = (side: number) => mapOf(side, side, (y, x) => [x, side - 1 - y]);

/** A cyclic shift down and to the right. */
const shift = (height: number, width: number, down: number, right: number) =>
  mapOf(height, width, (y, x) => [(y - down + height) % height, (x - right + width) % width]);

/**
 * What each generator of a group does to pictures of one size.
 *
 * @throws {ConfigError} for a group that does not act on them: a quarter turn where they are not
 *   square, shifts that do not divide their sides.
 */
function generators({ group, steps = 2 }: GroupOptions, height: number, width: number): PixelMap[] {
  const halfTurn = mapOf(height, width, (y, x) => [height - 1 - y, width - 1 - x]);
  const mirror = mapOf(height, width, (y, x) => [y, width - 1 - x]);
  if (group === "c2") return [halfTurn];
  if (group === "flip") return [mirror];
  if (group === "translations") {
    if (height % steps !== 0 || width % steps !== 0)
      throw new ConfigError(
        `source.group translations with ${steps} steps does not act on pictures of ${height} × ${width}: the steps must divide both sides.`,
        { hint: "Set source.steps or source.resize." },
      );
    return [shift(height, width, 0, width / steps), shift(height, width, height / steps, 0)];
  }
  if (height !== width)
    throw new ConfigError(
      `source.group ${group} does not act on pictures of ${height} × ${width}: a quarter turn needs square ones.`,
      { hint: `Use group c2 or flip, or source.resize: [${height}, ${height}].` },
    );
  return group === "c4" ? [quarterTurn(height)] : [quarterTurn(height), mirror];
}

/** First `inner`, then `outer`. */
function after(outer: PixelMap, inner: PixelMap): PixelMap {
  return outer.map((from) => inner[from]!);
}

/**
 * All elements of a group in its order, the identity first: products of its generators along their
 * words.
 */
export function elementsOf(options: GroupOptions, height: number, width: number): PixelMap[] {
  const made = generators(options, height, width);
  const identity = Int32Array.from({ length: height * width }, (_, p) => p);
  return pictureGroup(options).words.map((word) =>
    word.reduceRight((map, letter) => after(made[letter]!, map), identity),
  );
}

/** Moves a picture [h, w, c]. */
export function movePicture(
  pixels: ArrayLike<number>,
  map: PixelMap,
  channels: number,
  out: Uint8Array | Float32Array,
): void {
  for (let p = 0; p < map.length; p++)
    for (let c = 0; c < channels; c++) out[p * channels + c] = pixels[map[p]! * channels + c]!;
}
