/**
 * @file Signals over time, a row a channel: what came in, what went out, and what it should have
 *   been.
 */

import { horizontalScale, NOTE_ROW, noteRows, tickRow } from "../../../figures/cartesian-frame.ts";
import { type LegendItem, legend } from "../../../figures/legend.ts";
import { count, significant } from "../../../figures/number-text.ts";
import { type Piece, relativePath } from "../../../figures/relative-path.ts";
import {
  coordinate,
  element,
  FIGURE_WIDTH,
  type FigureWords,
  figureSvg,
  textAt,
  tooltip,
} from "../../../figures/svg.ts";
import { shortened, textWidth } from "../../../figures/text-width.ts";
import { thinnedCurve } from "../../../figures/thinning.ts";

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
const CLASSES = { target: "thin ink", input: "thin pale", reconstruction: "thin s1" } as const;

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

/** The uninterrupted stretches of one channel, in pixels. */
function pieces(
  values: ArrayLike<number>,
  from: number,
  samples: number,
  place: (i: number, v: number) => { x: number; y: number },
): Piece[] {
  const found: { x: number; y: number }[][] = [[]];
  for (let i = 0; i < samples; i++) {
    const v = values[from + i] ?? Number.NaN;
    if (Number.isFinite(v)) found.at(-1)!.push(place(i, v));
    else if (found.at(-1)!.length > 0) found.push([]);
  }
  return found.filter((piece) => piece.length > 0).map((piece) => thinnedCurve(piece, MOST_POINTS));
}

function spread(n: number): number[] {
  const count = Math.min(n, MOST_CHANNELS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}

/** Traces as SVG text. */
export function traces(figure: Traces): string {
  const { channels, samples, rate, series } = figure;
  const shown = (figure.shown ?? spread(channels.length)).slice(0, MOST_CHANNELS);
  const names = legend(
    series.map(({ name, role }): LegendItem => {
      const mark = role === "target" ? "ink" : role === "input" ? "pale" : undefined;
      return { text: name, mark: mark ?? { series: 1, as: "line" } };
    }),
  );
  const labels = shown.map((c) => shortened(channels[c]!, LABEL_SPACE));
  const left = Math.max(0, ...labels.map((label) => textWidth(label))) + 8;
  const right = FIGURE_WIDTH - 12;
  const top = names.height + ROW * (REACH - 0.5) + 4;
  const bottom = top + Math.max(1, shown.length) * ROW + ROW * (REACH - 0.5);
  const seconds = samples / rate;
  const time = horizontalScale({ label: "s", values: [0, seconds] }, [left, right]);
  const unit = halfRow(series, shown, samples);
  const middle = (row: number) => top + (row + 0.5) * ROW;
  const lines = series.map(({ values, role, name }) => {
    const all = shown.flatMap((c, row) =>
      pieces(values, c * samples, samples, (i, v) => ({
        x: time.at(i / rate),
        y: middle(row) - (v / unit) * (ROW / 2),
      })),
    );
    const d = relativePath(all);
    return d === "" ? "" : element("path", { d, class: CLASSES[role] }, tooltip(name));
  });
  const ticks = time.ticks.map((t) => `M${coordinate(t.at)} ${coordinate(bottom)}v4`).join("");
  // The largest doubles have no twice.
  const bar = roundBelow(Math.min(LARGEST, 2 * unit));
  const barHeight = (bar / unit) * (ROW / 2);
  const barText = `${significant(bar, 3)} ${figure.unit}`;
  const belowY = bottom + 32;
  const notes = [
    ...(channels.length === 0 || samples === 0 || series.length === 0 ? ["Nothing to show."] : []),
    ...(shown.length < channels.length
      ? [`${count(shown.length)} of ${count(channels.length)} channels are drawn.`]
      : []),
  ];
  const noteTop = belowY + 10;
  return figureSvg(noteTop + notes.length * NOTE_ROW, figure, [
    names.markup,
    ...labels.map((label, row) =>
      textAt(label, {
        x: left - 6,
        y: middle(row),
        anchor: "end",
        class: "quiet",
        whole: channels[shown[row]!]!,
      }),
    ),
    ...lines,
    element("path", {
      d: `M${coordinate(left)} ${coordinate(bottom)}H${coordinate(right)}${ticks}`,
      class: "axis",
    }),
    tickRow(time.ticks, bottom + 13),
    element("path", {
      d: `M4 ${coordinate(belowY + barHeight / 2)}v${coordinate(-barHeight)}`,
      class: "ink",
    }),
    textAt(shortened(barText, 240), { x: 12, y: belowY, whole: barText }),
    textAt("seconds", { x: right, y: belowY, anchor: "end" }),
    noteRows(notes, noteTop),
  ]);
}
