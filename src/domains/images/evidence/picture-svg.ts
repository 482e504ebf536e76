/** @file A picture on a card: its pixels as PNG within SVG, with a place that is marked. */

import { coordinate, element, tooltip } from "../../../figures/svg.ts";
import { encodePng } from "../../../formats/png.ts";
import type { PictureSize } from "../pictures/picture-set.ts";

/** Longest side that small pictures are enlarged to, by a whole factor. */
const SIDE = 96;

/** A part of a picture, as shares of its sides. */
export interface Place {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** A frame within the picture that stands out on light and on dark. */
function frame(place: Place, height: number, width: number): string[] {
  const box = {
    x: coordinate(place.left * width),
    y: coordinate(place.top * height),
    width: coordinate(place.width * width),
    height: coordinate(place.height * height),
    fill: "none",
  };
  return [
    element("rect", { ...box, stroke: "#000", "stroke-width": 3 }),
    element("rect", { ...box, stroke: "#ffd000", "stroke-width": 1.5 }),
  ];
}

/**
 * A picture as SVG text.
 *
 * @param pixels [h, w, c]
 * @param words  For those who cannot see it.
 * @param place  What is marked.
 */
export function pictureSvg(
  pixels: Uint8Array,
  size: PictureSize,
  words: string,
  place?: Place,
): string {
  const [h, w, channels] = size;
  const factor = Math.max(1, Math.floor(SIDE / Math.max(h, w)));
  const [height, width] = [h * factor, w * factor];
  const png = Buffer.from(encodePng(pixels, h, w, channels)).toString("base64");
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `-0.5 -0.5 ${width + 1} ${height + 1}`,
      width: width + 1,
      height: height + 1,
      role: "img",
    },
    [
      tooltip(words),
      element("image", {
        href: `data:image/png;base64,${png}`,
        width,
        height,
        // Pixels are what the rows are made of.
        "image-rendering": "pixelated",
      }),
      element("rect", {
        width,
        height,
        fill: "none",
        stroke: "currentColor",
        "stroke-opacity": 0.4,
      }),
      ...(place ? frame(place, height, width) : []),
    ],
  );
}
