/** @file Texts at pixels of a figure: names of axes, names of marks, small print. */

import { COLOURS } from "../palette.ts";
import { oneLine, shortened } from "../text-width.ts";
import { type Marks, type Plot, px } from "./specification.ts";

/** A line of text; `y` is the middle of its height. */
export interface PlacedText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor?: "start" | "middle" | "end";
  /** Default: quiet. */
  readonly fill?: string;
  readonly strong?: boolean;
  /** The whole text, where `text` was shortened. */
  readonly whole?: string;
}

/** Height of a row of small print. */
export const NOTE_ROW = 17;

/** Texts as marks. */
export function placedTexts(plot: Plot, texts: readonly PlacedText[]): Marks {
  const anchors = ["start", "middle", "end"] as const;
  return anchors.flatMap((textAnchor) =>
    [false, true].map((isStrong) => {
      const some = texts.filter(
        ({ anchor = "start", strong = false }) => anchor === textAnchor && strong === isStrong,
      );
      if (some.length === 0) return null;
      return plot.text(some, {
        text: ({ text }: PlacedText) => oneLine(text),
        x: px((one: PlacedText) => one.x),
        y: px((one: PlacedText) => one.y),
        title: ({ text, whole }: PlacedText) => (whole === text ? undefined : whole),
        fill: ({ fill = COLOURS.quiet }: PlacedText) => fill,
        textAnchor,
        ...(isStrong ? { fontWeight: 600 } : {}),
      });
    }),
  );
}

/** Small print from `top` down, at the left. */
export function notes(lines: readonly string[], top: number, width: number): PlacedText[] {
  return lines.map((line, i) => ({
    text: shortened(line, width),
    whole: line,
    x: 0,
    y: top + (i + 0.5) * NOTE_ROW,
  }));
}

/** Room that a label next to a line needs above and below its middle. */
const LABEL_HEIGHT = 16;

/**
 * Places for labels that want to stand at `wanted`, moved as little as keeps them apart and between
 * `top` and `bottom`.
 *
 * @returns undefined when there is not room for all.
 */
export function spreadLabels(
  wanted: readonly number[],
  top: number,
  bottom: number,
): number[] | undefined {
  if (wanted.length * LABEL_HEIGHT > bottom - top + LABEL_HEIGHT) return undefined;
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]! || a - b);
  const places = [...wanted];
  let least = top;
  for (const i of order) {
    places[i] = Math.max(least, wanted[i]!);
    least = places[i]! + LABEL_HEIGHT;
  }
  let most = bottom;
  for (const i of order.toReversed()) {
    places[i] = Math.min(most, places[i]!);
    most = places[i]! - LABEL_HEIGHT;
  }
  return places;
}
