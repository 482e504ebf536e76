/**
 * @file Signals over time, a row a channel: what came in, what went out, and what it should have
 *   been.
 */

import { count, significant } from "../../../figures/number-text.ts";
import { COLOURS, seriesColour } from "../../../figures/palette.ts";
import { horizontalAxis, tickOverhang } from "../../../figures/plot/axis.ts";
import { axisBelow } from "../../../figures/plot/frame.ts";
import { legend } from "../../../figures/plot/legend.ts";
import {
  type Marks,
  PIXELS,
  type Plot,
  px,
  type Specification,
} from "../../../figures/plot/specification.ts";
import type { Line } from "../../../figures/plot/styles.ts";
import { NOTE_ROW, notes, type PlacedText, placedTexts } from "../../../figures/plot/texts.ts";
import type { FigureWords } from "../../../figures/svg.ts";
import { shortened, textWidth } from "../../../figures/text-width.ts";
import { type Point, thinnedCurve } from "../../../figures/thinning.ts";

/** Signals of all channels that are drawn alike. */
export interface TraceSeries {
  readonly name: string;
  /** "target" in the colour of text, "input" pale behind it, "reconstruction" in colour over it. */
  readonly role: "target" | "input" | "reconstruction";
  /** [channels × samples], channel after channel. Values that are not finite interrupt the line. */
  readonly values: ArrayLike<number>;
}

export interface Traces extends FigureWords {
  readonly channels: readonly string[];
  /** Hz. */
  readonly rate: number;
  readonly samples: number;
  /**
   * Positions of the channels that are drawn, at most 32. Default: all, or 32 spread evenly over
   * them.
   */
  readonly shown?: readonly number[] | undefined;
  /** Drawn in the order given, all on one scale. */
  readonly series: readonly TraceSeries[];
  /** What a value of 1 is, for the scale bar: "µV". */
  readonly unit: string;
}

/** More rows than this cannot be distinguished. */
export const MOST_CHANNELS = 32;
const MOST_POINTS = 250;
const ROW = 21;
const LABEL_SPACE = 70;
/** To the right of the lines. */
const RIGHT = 12;
const LINES: Readonly<Record<TraceSeries["role"], Line>> = {
  target: { stroke: COLOURS.ink, strokeWidth: 1 },
  input: { stroke: COLOURS.pale, strokeWidth: 1 },
  reconstruction: { stroke: seriesColour(1), strokeWidth: 1 },
};

/** Rows fit for 99 % of all values; the largest may reach this many rows to either side. */
const REACH = 1.4;

/** Signals smaller than this are drawn as none: they have no room for powers of ten below. */
const SMALLEST = 1e-300;
const LARGEST = 1e300;

/**
 * Value that is drawn half a row high: of 99 % of sizes, or as much more as keeps the largest
 * within `REACH` rows.
 */
function halfRow(
  series: readonly TraceSeries[],
  shown: readonly number[],
  samples: number,
): number {
  const sizes: number[] = [];
  for (const { values } of series)
    for (const c of shown)
      for (let i = 0; i < samples; i++) {
        const size = Math.abs(values[c * samples + i] ?? Number.NaN);
        if (Number.isFinite(size)) sizes.push(size);
      }
  const sorted = Float64Array.from(sizes).sort();
  const usual = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0;
  const half = Math.max(usual / 1.3, (sorted.at(-1) ?? 0) / (2 * REACH));
  return half > SMALLEST ? half : 1;
}

/** 1, 2 or 5 times a power of ten, at most `value`. */
function roundBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const ratio = value / power;
  return power * (ratio >= 5 ? 5 : ratio >= 2 ? 2 : 1);
}

/** A point of the course of a channel, in seconds and in pixels; y is NaN where it breaks off. */
interface TracePoint extends Point {
  readonly channel: number;
}

/** The course of one channel, few enough points of each uninterrupted stretch. */
function course(
  values: ArrayLike<number>,
  channel: number,
  { samples, rate }: Traces,
  place: (v: number) => number,
): TracePoint[] {
  const stretches: TracePoint[][] = [[]];
  for (let i = 0; i < samples; i++) {
    const v = values[channel * samples + i] ?? Number.NaN;
    if (Number.isFinite(v)) stretches.at(-1)!.push({ x: i / rate, y: place(v), channel });
    else if (stretches.at(-1)!.length > 0) stretches.push([]);
  }
  const gap = { x: Number.NaN, y: Number.NaN, channel };
  return stretches
    .filter((stretch) => stretch.length > 0)
    .flatMap((stretch) => [...thinnedCurve(stretch, MOST_POINTS), gap]);
}

function spread(n: number): number[] {
  const count = Math.min(n, MOST_CHANNELS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}

/** A bar as high as a round value, and which one that is. */
function scaleBar(plot: Plot, unit: number, name: string, y: number): [Marks, PlacedText] {
  // The largest doubles have no twice.
  const value = roundBelow(Math.min(LARGEST, 2 * unit));
  const half = (value / unit) * (ROW / 4);
  const whole = `${significant(value, 3)} ${name}`;
  const bar = plot.link([y], {
    x1: px(() => 4),
    x2: px(() => 4),
    y1: px((middle: number) => middle - half),
    y2: px((middle: number) => middle + half),
    stroke: COLOURS.ink,
    strokeWidth: 1,
  });
  return [[bar], { text: shortened(whole, 240), whole, x: 12, y, fill: COLOURS.ink }];
}

/** Traces. */
export function traces(figure: Traces): Specification {
  const { channels, samples, rate, series } = figure;
  const shown = (figure.shown ?? spread(channels.length)).slice(0, MOST_CHANNELS);
  const unit = halfRow(series, shown, samples);
  const lines = [
    ...(channels.length === 0 || samples === 0 || series.length === 0 ? ["Nothing to show."] : []),
    ...(shown.length < channels.length
      ? [`${count(shown.length)} of ${count(channels.length)} channels are drawn.`]
      : []),
  ];
  const options: Specification["options"] = (plot, width) => {
    const names = legend(
      series.map(({ name, role }) => ({ text: name, mark: { ...LINES[role], strokeWidth: 1.75 } })),
      width,
    );
    const labels = shown.map((c) => shortened(channels[c]!, LABEL_SPACE));
    const beside = Math.max(0, ...labels.map((label) => textWidth(label))) + 8;
    const top = names.height + ROW * (REACH - 0.5) + 4;
    const bottom = top + Math.max(1, shown.length) * ROW + ROW * (REACH - 0.5);
    const time = horizontalAxis(
      { label: "seconds", values: [0, samples / rate], whole: false },
      width - beside - RIGHT,
    );
    const [first, last] = tickOverhang(time);
    const left = Math.max(beside, first);
    const right = width - Math.max(RIGHT, last);
    const middle = (row: number) => top + (row + 0.5) * ROW;
    const belowY = bottom + 32;
    const noteTop = belowY + 10;
    const height = noteTop + lines.length * NOTE_ROW;
    const [bar, barText] = scaleBar(plot, unit, figure.unit, belowY);
    return {
      width,
      height,
      marginTop: top,
      marginLeft: left,
      marginRight: width - right,
      marginBottom: height - bottom,
      x: { domain: time.domain, axis: null },
      y: PIXELS,
      marks: [
        names.marks(plot),
        ...series.map(({ values, role, name }) => {
          const points = shown.flatMap((c, row) =>
            course(values, c, figure, (v) => middle(row) - (v / unit) * (ROW / 2)),
          );
          return plot.line(points, {
            x: "x",
            y: px(({ y }: TracePoint) => y),
            z: "channel",
            title: () => name,
            ...LINES[role],
          });
        }),
        plot.frame({ anchor: "bottom", stroke: COLOURS.quiet }),
        axisBelow(plot, time),
        bar,
        placedTexts(plot, [
          ...labels.map((text, row) => ({
            text,
            whole: channels[shown[row]!]!,
            x: left - 6,
            y: middle(row),
            anchor: "end" as const,
          })),
          barText,
          { text: time.label, x: right, y: belowY, anchor: "end", fill: COLOURS.ink },
          ...notes(lines, noteTop, width),
        ]),
      ],
    };
  };
  return { title: figure.title, description: figure.description, options };
}
