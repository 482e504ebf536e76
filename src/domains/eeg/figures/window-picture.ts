/**
 * @file A window as a small picture: some of its channels below each other. It takes the colour of
 *   the text around it and needs no style sheet, because a page shows dozens.
 */

import { significant } from "../../../figures/number-text.ts";
import { relativePath } from "../../../figures/plot/relative-path.ts";
import { coordinate, element, escapeText, tooltip } from "../../../figures/svg.ts";
import { shortened, textWidth } from "../../../figures/text-width.ts";
import { type Point, thinnedCurve } from "../../../figures/thinning.ts";

/** One channel of a window. */
export interface WindowChannel {
  readonly name: string;
  /** [samples]. Values that are not finite interrupt the line. */
  readonly values: ArrayLike<number>;
}

const WIDTH = 240;
const ROW = 26;
const FONT_SIZE = 10;
const LABEL_SPACE = 60;
/** Below the rows, for the length of the window. */
const BELOW = 14;
const MOST_POINTS = 96;

/** The largest size of all values; 1 where there is none. */
function largest(channels: readonly WindowChannel[]): number {
  let most = 0;
  for (const { values } of channels)
    for (let i = 0; i < values.length; i++)
      if (Number.isFinite(values[i])) most = Math.max(most, Math.abs(values[i]!));
  return most > 0 ? most : 1;
}

/** The uninterrupted stretches of a channel, in pixels. */
function stretches(
  { values }: WindowChannel,
  place: (i: number, value: number) => Point,
): (readonly Point[])[] {
  const found: Point[][] = [[]];
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i])) found.at(-1)!.push(place(i, values[i]!));
    else if (found.at(-1)!.length > 0) found.push([]);
  return found.filter(({ length }) => length > 0).map((one) => thinnedCurve(one, MOST_POINTS));
}

/** A line through points. */
function absolutePath(points: readonly Point[]): string {
  return points
    .map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${coordinate(x)},${coordinate(y)}`)
    .join("");
}

/** A text that ends at a point, half above it and half below. */
function endingAt(x: number, y: number, text: string): string {
  return element("text", { x, y, dy: "0.32em", "text-anchor": "end" }, escapeText(text));
}

/**
 * Channels of one window, all on one scale, as SVG text.
 *
 * @param seconds Length of the window.
 */
export function windowPicture(channels: readonly WindowChannel[], seconds: number): string {
  const names = channels.map(({ name }) => shortened(name, LABEL_SPACE));
  const left = Math.max(0, ...names.map((name) => textWidth(name, FONT_SIZE))) + 6;
  const most = largest(channels);
  const middle = (row: number) => (row + 0.5) * ROW;
  const height = channels.length * ROW + BELOW;
  const pieces = channels.flatMap((channel, row) =>
    stretches(channel, (i, value) => ({
      x: left + ((WIDTH - 1 - left) * i) / Math.max(1, channel.values.length - 1),
      y: middle(row) - (value / most) * (ROW / 2 - 1),
    })),
  );
  const length = `${significant(seconds, 3)} s`;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${coordinate(height)}`,
      width: WIDTH,
      height,
      role: "img",
      fill: "currentColor",
      "font-size": FONT_SIZE,
      "font-family": "system-ui, sans-serif",
    },
    [
      tooltip(`${channels.map(({ name }) => name).join(", ")} over ${length}`),
      element("path", {
        d: relativePath(pieces.map(absolutePath).join("")) || undefined,
        fill: "none",
        stroke: "currentColor",
        "stroke-linejoin": "round",
      }),
      ...names.map((name, row) => endingAt(left - 5, middle(row), name)),
      endingAt(WIDTH - 1, height - BELOW / 2, length),
    ],
  );
}
