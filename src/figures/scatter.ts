/**
 * @file Scatter plots of latents, one mark each, coloured by a third quantity. The figure published
 *   with Mutual Feature Regularization is of this kind: agreement of latents with the truth against
 *   agreement with other dictionaries.
 */

import type { LinearFit } from "../base/statistics/linear-fit.ts";
import { cartesianFrame, type Frame } from "./cartesian-frame.ts";
import { type LegendItem, legend } from "./legend.ts";
import { count, fixed, significant } from "./number-text.ts";
import { RAMP_STEPS } from "./palette.ts";
import type { ScaleKind } from "./scale.ts";
import { coordinate, element, type FigureWords, figureSvg } from "./svg.ts";
import { sampledPositions } from "./thinning.ts";

/** A quantity that colours marks. */
export interface MarkColour {
  readonly label: string;
  /** One value a mark; those that are not positive take the first step. */
  readonly values: ArrayLike<number>;
}

export interface Scatter extends FigureWords {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xKind?: ScaleKind;
  /** Values that the axes reach at least over; default [0, 1] for both, the axes of cosines. */
  readonly xInclude?: readonly number[];
  readonly yInclude?: readonly number[];
  readonly colour?: MarkColour;
  /** A line through all points. */
  readonly fit?: LinearFit | undefined;
  /** Where unrelated directions would be, drawn as lines. */
  readonly nullX?: number | undefined;
  readonly nullY?: number | undefined;
  /** What the marks are, for the note that says how many are shown. */
  readonly what?: string;
}

/** Marks beyond this many hide each other and only make the page heavy. */
export const MOST_MARKS = 6000;

/**
 * The colour scale over log10 of the values: six steps of equal width from the lowest to the
 * highest power of ten.
 */
export interface RampSteps {
  step(value: number): number;
  readonly low: number;
  readonly high: number;
}

/** Steps of the colour ramp for the positive values; undefined when there are none. */
export function rampSteps(values: ArrayLike<number>): RampSteps | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (!(v > 0 && v < Number.POSITIVE_INFINITY)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (high === 0) return undefined;
  const from = Math.log10(low);
  const width = Math.log10(high) - from || 1;
  const step = (value: number) => {
    const t = value > 0 ? ((Math.log10(value) - from) / width) * RAMP_STEPS : 0;
    return Math.min(RAMP_STEPS - 1, Math.max(0, Math.floor(t) || 0));
  };
  return { step, low, high };
}

/** Words for the ramp, to be put in a legend. */
export function rampLegend(label: string, steps: RampSteps): LegendItem {
  const range =
    steps.low === steps.high
      ? significant(steps.low, 2)
      : `${significant(steps.low, 2)} to ${significant(steps.high, 2)}`;
  return { text: `${label}, ${range}`, mark: "ramp" };
}

/** Size of marks: smaller the more there are. */
export function markSize(marks: number): number {
  if (marks > 3000) return 2.2;
  return marks > 800 ? 3 : 4.5;
}

/** One path a colour, a dot being a line of no length with round ends: a dozen bytes a mark. */
function dots(scatter: Scatter, shown: readonly number[], frame: Frame, steps?: RampSteps): string {
  const paths = new Map<number, string[]>();
  for (const i of shown) {
    const step = steps ? steps.step(scatter.colour!.values[i]!) : -1;
    const path = paths.get(step) ?? [];
    paths.set(step, path);
    path.push(
      `M${coordinate(frame.x.at(scatter.x[i]!))} ${coordinate(frame.y.at(scatter.y[i]!))}h0`,
    );
  }
  return [...paths.entries()]
    .sort(([a], [b]) => a - b)
    .map(([step, path]) =>
      element("path", {
        d: path.join(""),
        class: `marks ${step < 0 ? "s0" : `r${step}`}`,
        "stroke-width": markSize(shown.length),
      }),
    )
    .join("");
}

/**
 * The part of a fitted line that lies inside the plot; undefined when none does. Linear axes only.
 */
function fitPath(fit: LinearFit, { x, y }: Frame): string | undefined {
  const [x0, x1] = x.domain;
  const [y0, y1] = y.domain;
  const atY = (v: number) => (v - fit.intercept) / fit.slope;
  const crossings = fit.slope === 0 ? [] : [atY(y0), atY(y1)];
  const inside = [x0, x1, ...crossings].filter((v) => {
    const line = fit.intercept + fit.slope * v;
    const slack = (y1 - y0) * 1e-9;
    return v >= x0 && v <= x1 && line >= y0 - slack && line <= y1 + slack;
  });
  if (inside.length < 2) return undefined;
  const [from, to] = [Math.min(...inside), Math.max(...inside)];
  const point = (v: number) =>
    `${coordinate(x.at(v))} ${coordinate(y.at(fit.intercept + fit.slope * v))}`;
  return `M${point(from)}L${point(to)}`;
}

function nullPath(scatter: Scatter, { x, y, area }: Frame): string {
  const { nullX, nullY } = scatter;
  const upright =
    nullX !== undefined && x.shows(nullX)
      ? `M${coordinate(x.at(nullX))} ${coordinate(area.top)}V${coordinate(area.bottom)}`
      : "";
  const level =
    nullY !== undefined && y.shows(nullY)
      ? `M${coordinate(area.left)} ${coordinate(y.at(nullY))}H${coordinate(area.right)}`
      : "";
  return upright + level;
}

function legendItems(scatter: Scatter, steps: RampSteps | undefined): LegendItem[] {
  const { fit, nullX, nullY, colour } = scatter;
  const r = fit?.correlation;
  const nulls = [nullX, nullY].filter((v) => v !== undefined && Number.isFinite(v));
  const values = [...new Set(nulls.map((v) => fixed(v, 3)))].join(" and ");
  return [
    ...(fit
      ? [
          {
            text: `least squares, r = ${r === undefined ? "undefined" : fixed(r, 3)}`,
            mark: "fit" as const,
          },
        ]
      : []),
    ...(values ? [{ text: `null ${values}`, mark: "null" as const }] : []),
    ...(colour && steps ? [rampLegend(colour.label, steps)] : []),
  ];
}

/**
 * A scatter plot as SVG text. Points that are not finite are left out; beyond `MOST_MARKS` a fixed
 * sample is drawn.
 */
export function scatter(s: Scatter): string {
  const { xKind = "linear", what = "latents" } = s;
  const usable: number[] = [];
  for (let i = 0; i < Math.min(s.x.length, s.y.length); i++) {
    const placed = Number.isFinite(s.x[i]) && (xKind === "linear" || s.x[i]! > 0);
    if (placed && Number.isFinite(s.y[i])) usable.push(i);
  }
  const shown = Array.from(sampledPositions(usable.length, MOST_MARKS), (i) => usable[i]!);
  const steps = s.colour ? rampSteps(s.colour.values) : undefined;
  const names = legend(legendItems(s, steps));
  const left = Math.max(s.x.length, s.y.length) - usable.length;
  const frame = cartesianFrame({
    x: {
      label: s.xLabel,
      kind: xKind,
      include: s.xInclude ?? [0, 1],
      values: usable.map((i) => s.x[i]!),
    },
    y: { label: s.yLabel, values: usable.map((i) => s.y[i]!), include: s.yInclude ?? [0, 1] },
    above: names.height,
    plotHeight: 250,
    notes: [
      ...(usable.length === 0 ? ["Nothing to show."] : []),
      ...(shown.length < usable.length
        ? [`${count(shown.length)} of ${count(usable.length)} ${what} are drawn; all are counted.`]
        : []),
      ...(left > 0 && usable.length > 0
        ? [`Not drawn, having no place on the axes: ${count(left)}.`]
        : []),
    ],
  });
  const nulls = nullPath(s, frame);
  const line = s.fit && xKind === "linear" ? fitPath(s.fit, frame) : undefined;
  return figureSvg(frame.height, s, [
    names.markup,
    frame.markup,
    dots(s, shown, frame, steps),
    nulls === "" ? "" : element("path", { d: nulls, class: "null-line" }),
    line === undefined ? "" : element("path", { d: line, class: "fit" }),
  ]);
}
