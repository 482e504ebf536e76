/**
 * @file What the colours of a figure's areas mean: a bar of all steps with its ends written below.
 */

import { COLOURS } from "../palette.ts";
import { shortened, textWidth } from "../text-width.ts";
import { type Marks, type Plot, px } from "./specification.ts";
import { placedTexts } from "./texts.ts";

export interface ColourBar {
  readonly label: string;
  /** From the low end to the high one. */
  readonly colours: readonly string[];
  readonly low: string;
  readonly high: string;
  /** The low end is a null, and is written as one. */
  readonly lowIsNull?: boolean;
}

const HEIGHT = 10;
const WIDTH = 160;

/** Height of a colour bar with the texts below it. */
export const COLOUR_BAR_HEIGHT = HEIGHT + 22;

/** A colour bar from `top` down at the right end of `width`, its name at the left. */
export function colourBar(plot: Plot, bar: ColourBar, top: number, width: number): Marks {
  const left = width - WIDTH;
  const step = WIDTH / bar.colours.length;
  const y = top + HEIGHT + 11;
  const high = shortened(bar.high, WIDTH / 2 - 4);
  const name = shortened(bar.label, left - 12);
  return [
    plot.rect(bar.colours, {
      x1: { value: (_: string, i: number) => left + i * step, scale: null },
      x2: { value: (_: string, i: number) => left + (i + 1) * step, scale: null },
      y1: px(() => top),
      y2: px(() => top + HEIGHT),
      fill: (colour: string) => colour,
    }),
    placedTexts(plot, [
      { text: name, whole: bar.label, x: 0, y: top + HEIGHT / 2 },
      {
        text: shortened(bar.low, WIDTH - textWidth(high) - 8),
        x: left,
        y,
        fill: bar.lowIsNull ? COLOURS.null : COLOURS.quiet,
      },
      { text: high, x: width, y, anchor: "end" },
    ]),
  ];
}
