/**
 * @file What the marks of a figure mean: rows of names above the plot, and names put next to the
 *   ends of lines.
 */

import { RAMP_STEPS, seriesClass, seriesDash } from "./palette.ts";
import { element, FIGURE_WIDTH, textAt } from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";

export interface LegendItem {
  readonly text: string;
  /** A series by its number, or one of the fixed marks. */
  readonly mark:
    | { readonly series: number; readonly as: "line" | "fill" }
    | "null"
    | "fit"
    | "ink"
    | "pale"
    | "ramp"
    | "none";
}

export interface Legend {
  readonly markup: string;
  readonly height: number;
}

const ROW = 19;
const GAP = 16;
const MARK = 22;
const SWATCH = 11;

/** Classes of the lines that are not series. */
const FIXED = { null: "null-line", fit: "fit", ink: "line ink", pale: "line pale" } as const;

function markWidth(mark: LegendItem["mark"]): number {
  if (mark === "none") return 0;
  if (mark === "ramp") return RAMP_STEPS * SWATCH + 6;
  return MARK;
}

function drawMark(mark: LegendItem["mark"], x: number, y: number): string {
  if (mark === "none") return "";
  if (mark === "ramp")
    return Array.from({ length: RAMP_STEPS }, (_, i) =>
      element("path", {
        d: `M${x + i * SWATCH} ${y}h${SWATCH}`,
        class: `r${i}`,
        "stroke-width": 9,
      }),
    ).join("");
  if (typeof mark === "object" && mark.as === "fill")
    return element("rect", {
      x: x + 2,
      y: y - 5,
      width: 12,
      height: 10,
      rx: 2,
      class: seriesClass(mark.series, "fill"),
    });
  const series = typeof mark === "object" ? mark.series : undefined;
  return element("path", {
    d: `M${x} ${y}h16`,
    class:
      series === undefined
        ? FIXED[mark as keyof typeof FIXED]
        : `line ${seriesClass(series, "line")}`,
    "stroke-dasharray": series === undefined ? undefined : seriesDash(series),
  });
}

/** Names in rows, as many per row as fit, from the top of the figure down. */
export function legend(items: readonly LegendItem[], top = 0): Legend {
  let x = 0;
  let row = 0;
  const parts: string[] = [];
  for (const { text, mark } of items) {
    const space = markWidth(mark);
    const shown = shortened(text, FIGURE_WIDTH - space);
    const width = space + textWidth(shown);
    if (x > 0 && x + width > FIGURE_WIDTH) {
      x = 0;
      row++;
    }
    const y = top + row * ROW + ROW / 2;
    parts.push(drawMark(mark, x, y));
    parts.push(textAt(shown, { x: x + space, y, class: "quiet", whole: text }));
    x += width + GAP;
  }
  return { markup: parts.join(""), height: items.length === 0 ? 0 : (row + 1) * ROW };
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
