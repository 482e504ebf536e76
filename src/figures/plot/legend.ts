/** @file What the marks of a figure mean: rows of names above the plot. */

import { RAMP_STEPS, rampColour, seriesColour } from "../palette.ts";
import { shortened, textWidth } from "../text-width.ts";
import { type Marks, type Plot, px } from "./specification.ts";
import type { Line } from "./styles.ts";
import { placedTexts } from "./texts.ts";

export interface LegendItem {
  readonly text: string;
  /** A line, an area of a series by its number, or the steps of the ramp. */
  readonly mark: Line | { readonly fill: number } | "ramp";
}

export interface Legend {
  readonly height: number;
  marks(plot: Plot): Marks;
}

interface PlacedItem extends LegendItem {
  readonly x: number;
  readonly y: number;
}

const ROW = 19;
/** Between two items. */
const GAP = 16;
/** From an item's mark to its text. */
const SPACE = 22;
/** Width of a step of the ramp. */
const STEP = 11;

function markWidth(mark: LegendItem["mark"]): number {
  return mark === "ramp" ? RAMP_STEPS * STEP + 6 : SPACE;
}

/** A bar from x to the right, its middle at y. */
interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly fill: string;
}

function drawBars(plot: Plot, bars: readonly Bar[]): Marks {
  return [
    plot.rect(bars, {
      x1: px((bar: Bar) => bar.x),
      x2: px((bar: Bar) => bar.x + bar.width),
      y1: px((bar: Bar) => bar.y - 5),
      y2: px((bar: Bar) => bar.y + 5),
      fill: "fill",
    }),
  ];
}

function drawMark(plot: Plot, item: PlacedItem): Marks {
  const { mark, x, y } = item;
  if (mark === "ramp") {
    const steps = Array.from({ length: RAMP_STEPS }, (_, i) => rampColour(i));
    return drawBars(
      plot,
      steps.map((fill, i) => ({ x: x + i * STEP, y, width: STEP, fill })),
    );
  }
  if ("fill" in mark)
    return drawBars(plot, [{ x: x + 2, y, width: 12, fill: seriesColour(mark.fill) }]);
  return [
    plot.link([item], {
      x1: px((one: PlacedItem) => one.x),
      x2: px((one: PlacedItem) => one.x + 16),
      y1: px((one: PlacedItem) => one.y),
      y2: px((one: PlacedItem) => one.y),
      ...mark,
    }),
  ];
}

/** Names in rows, as many per row as fit `width`, from `top` down. */
export function legend(items: readonly LegendItem[], width: number, top = 0): Legend {
  let x = 0;
  let row = 0;
  const placed = items.map((item): PlacedItem => {
    const wide = Math.min(width, markWidth(item.mark) + textWidth(item.text));
    if (x > 0 && x + wide > width) {
      x = 0;
      row++;
    }
    const place = { ...item, x, y: top + row * ROW + ROW / 2 };
    x += wide + GAP;
    return place;
  });
  const texts = placed.map(({ text, mark, x: left, y }) => {
    const space = markWidth(mark);
    return { text: shortened(text, width - space), whole: text, x: left + space, y };
  });
  return {
    height: items.length === 0 ? 0 : (row + 1) * ROW,
    marks: (plot) => [...placed.map((item) => drawMark(plot, item)), placedTexts(plot, texts)],
  };
}
