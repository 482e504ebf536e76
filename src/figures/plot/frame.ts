/** @file The frame that plots of two quantities share: axes, grid, legend, small print. */

import type { PlotOptions } from "@observablehq/plot";
import { COLOURS } from "../palette.ts";
import { shortened, textWidth } from "../text-width.ts";
import {
  type Axis,
  type AxisOptions,
  horizontalAxis,
  makeAxis,
  tickOverhang,
  tickTextWidth,
} from "./axis.ts";
import { type LegendItem, legend } from "./legend.ts";
import type { Marks, Plot } from "./specification.ts";
import { NOTE_ROW, notes, type PlacedText, placedTexts } from "./texts.ts";

export interface FrameOptions {
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  readonly legend?: readonly LegendItem[];
  /** Room to the right of the plot, for labels of lines. */
  readonly beside?: number;
  /** Height of the plot itself. */
  readonly plotHeight?: number;
  /** Lines of small print below. */
  readonly notes?: readonly string[];
}

/** Where the plot itself lies in the figure, in pixels. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const TICK_ROW = 20;
const LABEL_ROW = 18;

/** The smallest room to the right of a plot, for half of its last tick's text. */
const LAST_TICK = 12;

function label(text: string, place: Omit<PlacedText, "text">, width: number): PlacedText {
  const shown = shortened(text, width);
  const x = place.anchor === "end" ? Math.max(place.x, textWidth(shown)) : place.x;
  return { ...place, x, text: shown, whole: text, fill: COLOURS.ink };
}

/** A quiet axis below the plot, its texts already written. */
export function axisBelow(plot: Plot, { ticks, texts }: Pick<Axis, "ticks" | "texts">): Marks {
  return [
    plot.axisX(ticks, {
      text: (_: number, i: number) => texts[i],
      tickSize: 4,
      tickPadding: 4,
      color: COLOURS.quiet,
      label: null,
    }),
  ];
}

/**
 * Options of a plot in its frame.
 *
 * @param width Of the whole figure.
 * @param marks What is drawn in the frame, over the grid.
 */
export function framed(
  plot: Plot,
  width: number,
  frame: FrameOptions,
  marks: (area: Area, axes: { readonly x: Axis; readonly y: Axis }) => Marks,
): PlotOptions {
  const { beside = 0, plotHeight = 190, notes: lines = [] } = frame;
  const names = legend(frame.legend ?? [], width);
  const y = makeAxis(frame.y);
  const besideTexts = tickTextWidth(y) + 8;
  const x = horizontalAxis(frame.x, width - besideTexts - Math.max(beside, LAST_TICK));
  const [first, last] = tickOverhang(x);
  const left = Math.max(besideTexts, first);
  const right = width - Math.max(beside, LAST_TICK, last);
  const top = names.height + LABEL_ROW + 6;
  const bottom = top + plotHeight;
  const labelY = bottom + TICK_ROW + LABEL_ROW / 2;
  const noteTop = labelY + LABEL_ROW / 2;
  const height = noteTop + lines.length * NOTE_ROW + 2;
  const area = { left, right, top, bottom };
  return {
    width,
    height,
    marginTop: top,
    marginRight: width - right,
    marginBottom: height - bottom,
    marginLeft: left,
    x: { type: x.kind, domain: x.domain, clamp: true, axis: null },
    y: { type: y.kind, domain: y.domain, clamp: true, axis: null },
    marks: [
      names.marks(plot),
      plot.gridY(y.ticks, { stroke: COLOURS.rule, strokeOpacity: 1 }),
      plot.axisY(y.ticks, {
        text: (_: number, i: number) => y.texts[i],
        tickSize: 0,
        tickPadding: 6,
        fill: COLOURS.quiet,
        label: null,
      }),
      plot.frame({ anchor: "bottom", stroke: COLOURS.quiet }),
      axisBelow(plot, x),
      placedTexts(plot, [
        label(y.label, { x: 0, y: names.height + LABEL_ROW / 2 - 1 }, width),
        label(x.label, { x: right, y: labelY, anchor: "end" }, width),
        ...notes(lines, noteTop, width),
      ]),
      marks(area, { x, y }),
    ],
  };
}
