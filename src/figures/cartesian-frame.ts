/**
 * @file The frame that plots of two quantities share: axes, ticks, grid and the names of the axes.
 */

import { makeScale, type Scale, type ScaleKind, type ScaleOptions, type Tick } from "./scale.ts";
import { coordinate, element, FIGURE_WIDTH, textAt } from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";

export interface Axis {
  readonly label: string;
  readonly values: Iterable<number>;
  readonly kind?: ScaleKind;
  readonly include?: readonly number[];
  readonly nice?: boolean;
  readonly leastStep?: number;
  readonly tickText?: (value: number) => string;
}

export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface FrameOptions {
  readonly x: Axis;
  readonly y: Axis;
  /** Room above, for a legend. */
  readonly above?: number;
  /** Room to the right of the plot, for labels of lines. */
  readonly beside?: number;
  readonly plotHeight?: number;
  /** Lines of small print below. */
  readonly notes?: readonly string[];
}

export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly area: Area;
  /** Height of the whole figure. */
  readonly height: number;
  /** What lies behind the marks. */
  readonly markup: string;
}

const TICK_ROW = 20;
const LABEL_ROW = 18;
export const NOTE_ROW = 17;

function scaleOptions(axis: Axis, range: readonly [number, number], ticks: number): ScaleOptions {
  return {
    range,
    ticks,
    kind: axis.kind ?? "linear",
    include: axis.include ?? [],
    nice: axis.nice ?? false,
    ...(axis.leastStep ? { leastStep: axis.leastStep } : {}),
    ...(axis.tickText ? { tickText: axis.tickText } : {}),
  };
}

/** Middle of a tick's text, kept inside the figure. */
function textMiddle({ at, text }: Tick): number {
  const half = textWidth(text) / 2;
  return Math.max(half, Math.min(FIGURE_WIDTH - half, at));
}

function ticksFit({ ticks }: Scale): boolean {
  return ticks.every((tick, i) => {
    const before = ticks[i - 1];
    if (!before) return true;
    const needed = (textWidth(tick.text) + textWidth(before.text)) / 2 + 7;
    return textMiddle(tick) - textMiddle(before) > needed;
  });
}

/** The scale with the most ticks, up to six, whose texts do not touch. */
export function horizontalScale(axis: Axis, range: readonly [number, number]): Scale {
  const values = [...axis.values];
  for (let ticks = 6; ; ticks--) {
    const scale = makeScale(values, scaleOptions(axis, range, ticks));
    if (ticksFit(scale)) return scale;
    if (ticks > 1) continue;
    // One tick text always has room.
    return { ...scale, ticks: scale.ticks.slice(0, 1) };
  }
}

/** Texts of ticks below a plot. */
export function tickRow(ticks: readonly Tick[], y: number): string {
  return ticks
    .map((tick) => textAt(tick.text, { x: textMiddle(tick), y, anchor: "middle", class: "quiet" }))
    .join("");
}

/** Small print from `top` down, left-aligned. */
export function noteRows(notes: readonly string[], top: number): string {
  return notes
    .map((note, i) =>
      textAt(shortened(note, FIGURE_WIDTH), {
        x: 0,
        y: top + (i + 0.5) * NOTE_ROW,
        class: "quiet",
        whole: note,
      }),
    )
    .join("");
}

/** Scales, axes and grid for a plot. */
export function cartesianFrame(options: FrameOptions): Frame {
  const { above = 0, beside = 0, plotHeight = 190, notes = [] } = options;
  const top = above + LABEL_ROW + 6;
  const bottom = top + plotHeight;
  const y = makeScale(options.y.values, scaleOptions(options.y, [bottom, top], 5));
  const left = Math.max(...y.ticks.map((t) => textWidth(t.text)), 0) + 8;
  const lastTickRoom = 12;
  const right = FIGURE_WIDTH - Math.max(beside, lastTickRoom);
  const x = horizontalScale(options.x, [left, right]);
  const grid = y.ticks.map((t) => `M${coordinate(left)} ${coordinate(t.at)}H${coordinate(right)}`);
  const marks = x.ticks.map((t) => `M${coordinate(t.at)} ${coordinate(bottom)}v4`);
  const labelY = bottom + TICK_ROW + LABEL_ROW / 2;
  const markup = [
    element("path", { d: grid.join("") || undefined, class: "rule" }),
    element("path", {
      d: `M${coordinate(left)} ${coordinate(bottom)}H${coordinate(right)}${marks.join("")}`,
      class: "axis",
    }),
    ...y.ticks.map((t) => textAt(t.text, { x: left - 6, y: t.at, anchor: "end", class: "quiet" })),
    tickRow(x.ticks, bottom + TICK_ROW / 2 + 3),
    axisLabel(options.y, { x: 0, y: above + LABEL_ROW / 2 - 1 }),
    axisLabel(options.x, { x: right, y: labelY, anchor: "end" }),
    noteRows(notes, labelY + LABEL_ROW / 2),
  ];
  const height = labelY + LABEL_ROW / 2 + notes.length * NOTE_ROW + 2;
  return { x, y, area: { left, right, top, bottom }, height, markup: markup.join("") };
}

function axisLabel(
  axis: Axis,
  place: { readonly x: number; readonly y: number; readonly anchor?: "end" },
): string {
  const whole = `${axis.label}${axis.kind === "log" ? " (log scale)" : ""}`;
  const shown = shortened(whole, FIGURE_WIDTH);
  const x = place.anchor === "end" ? Math.max(place.x, textWidth(shown)) : place.x;
  return textAt(shown, { ...place, x, whole });
}
