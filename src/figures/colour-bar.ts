/**
 * @file What the colours of a figure's areas mean: a bar of all steps with its ends written below.
 */

import { element, FIGURE_WIDTH, textAt } from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";

export interface ColourBar {
  readonly label: string;
  /** Classes of the steps, from the low end to the high one. */
  readonly steps: readonly string[];
  readonly low: string;
  readonly high: string;
  /** The low end is a null, and is written as one. */
  readonly lowIsNull?: boolean;
}

const HEIGHT = 10;
const WIDTH = 160;

/** Height of a colour bar with the texts below it. */
export const COLOUR_BAR_HEIGHT = HEIGHT + 22;

/** A colour bar from `top` down, its name at the left. */
export function colourBar(bar: ColourBar, top: number): string {
  const left = FIGURE_WIDTH - WIDTH;
  const step = WIDTH / bar.steps.length;
  const y = top + HEIGHT + 11;
  const high = shortened(bar.high, WIDTH / 2 - 4);
  return [
    textAt(shortened(bar.label, left - 12), {
      x: 0,
      y: top + HEIGHT / 2,
      whole: bar.label,
      class: "quiet",
    }),
    ...bar.steps.map((name, i) =>
      element("rect", { x: left + i * step, y: top, width: step, height: HEIGHT, class: name }),
    ),
    textAt(shortened(bar.low, WIDTH - textWidth(high) - 8), {
      x: left,
      y,
      class: bar.lowIsNull ? "null" : "quiet",
    }),
    textAt(high, { x: FIGURE_WIDTH, y, anchor: "end", class: "quiet" }),
  ].join("");
}
