/**
 * @file Scatter plots of latents, one mark each, coloured by a third quantity. The figure published
 *   with Mutual Feature Regularization is of this kind: agreement of latents with the truth against
 *   agreement with other dictionaries.
 */

import type { LinearFit } from "../../base/statistics/linear-fit.ts";
import { count, fixed } from "../number-text.ts";
import { rampColour, seriesColour } from "../palette.ts";
import type { FigureWords } from "../svg.ts";
import { sampledPositions } from "../thinning.ts";
import { type Axis, type AxisKind, placed } from "./axis.ts";
import { framed } from "./frame.ts";
import type { LegendItem } from "./legend.ts";
import { type MarkColour, type RampSteps, rampLegend, rampSteps } from "./ramp.ts";
import type { Marks, Plot, Specification } from "./specification.ts";
import { FIT_LINE, NULL_LINE } from "./styles.ts";

export interface Scatter extends FigureWords {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xKind?: AxisKind;
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

/** Radius of marks: smaller the more there are. */
export function markRadius(marks: number): number {
  if (marks > 3000) return 1.1;
  return marks > 800 ? 1.5 : 2.25;
}

/** One mark of Plot for each colour, so that the colour is written once. */
function dots(plot: Plot, scatter: Scatter, shown: readonly number[], steps?: RampSteps): Marks {
  const { x, y, colour } = scatter;
  const draw = (some: readonly number[], fill: string) =>
    plot.dot(some, {
      x: (i: number) => placed(x[i], "linear"),
      y: (i: number) => placed(y[i], "linear"),
      r: markRadius(shown.length),
      fill,
      fillOpacity: 0.8,
    });
  if (!colour || !steps) return [draw(shown, seriesColour(0))];
  const bySteps = new Map<number, number[]>();
  for (const i of shown) {
    const step = steps.step(colour.values[i]!);
    const some = bySteps.get(step) ?? [];
    bySteps.set(step, some);
    some.push(i);
  }
  return [...bySteps].sort(([a], [b]) => a - b).map(([step, some]) => draw(some, rampColour(step)));
}

/** Ends of the part of a fitted line that lies inside the plot; none when none does. */
function fitEnds(fit: LinearFit, x: Axis, y: Axis): { x: number; y: number }[] {
  const at = (v: number) => fit.intercept + fit.slope * v;
  const crossings =
    fit.slope === 0 ? [] : y.domain.map((edge) => (edge - fit.intercept) / fit.slope);
  const slack = (y.domain[1] - y.domain[0]) * 1e-9;
  const inside = [...x.domain, ...crossings].filter(
    (v) =>
      v >= x.domain[0] &&
      v <= x.domain[1] &&
      at(v) >= y.domain[0] - slack &&
      at(v) <= y.domain[1] + slack,
  );
  if (inside.length < 2) return [];
  return [Math.min(...inside), Math.max(...inside)].map((v) => ({ x: v, y: at(v) }));
}

function legendItems(scatter: Scatter, steps: RampSteps | undefined): LegendItem[] {
  const { fit, nullX, nullY, colour } = scatter;
  const r = fit?.correlation;
  const nulls = [nullX, nullY].filter((v) => v !== undefined && Number.isFinite(v));
  const values = [...new Set(nulls.map((v) => fixed(v, 3)))].join(" and ");
  const correlation = r === undefined ? "undefined" : fixed(r, 3);
  return [
    ...(fit ? [{ text: `least squares, r = ${correlation}`, mark: FIT_LINE }] : []),
    ...(values ? [{ text: `null ${values}`, mark: NULL_LINE }] : []),
    ...(colour && steps ? [rampLegend(colour.label, steps)] : []),
  ];
}

/** Lines where unrelated directions would be, as far as the axes reach. */
function nullLines(plot: Plot, { nullX, nullY }: Scatter, x: Axis, y: Axis): Marks {
  const inside = (value: number | undefined, { kind, domain }: Axis) => {
    const at = placed(value, kind);
    return at >= domain[0] && at <= domain[1] ? [at] : [];
  };
  return [plot.ruleX(inside(nullX, x), NULL_LINE), plot.ruleY(inside(nullY, y), NULL_LINE)];
}

/**
 * A scatter plot. Points that are not finite are left out; beyond `MOST_MARKS` a fixed sample is
 * drawn.
 */
export function scatter(s: Scatter): Specification {
  const { xKind = "linear", what = "latents" } = s;
  const usable: number[] = [];
  for (let i = 0; i < Math.min(s.x.length, s.y.length); i++)
    if (!Number.isNaN(placed(s.x[i], xKind)) && !Number.isNaN(placed(s.y[i], "linear")))
      usable.push(i);
  const shown = Array.from(sampledPositions(usable.length, MOST_MARKS), (i) => usable[i]!);
  const steps = s.colour ? rampSteps(s.colour.values) : undefined;
  const left = Math.max(s.x.length, s.y.length) - usable.length;
  const options: Specification["options"] = (plot, width) =>
    framed(
      plot,
      width,
      {
        x: {
          label: s.xLabel,
          kind: xKind,
          include: s.xInclude ?? [0, 1],
          values: usable.map((i) => s.x[i]!),
        },
        y: { label: s.yLabel, values: usable.map((i) => s.y[i]!), include: s.yInclude ?? [0, 1] },
        legend: legendItems(s, steps),
        plotHeight: 250,
        notes: [
          ...(usable.length === 0 ? ["Nothing to show."] : []),
          ...(shown.length < usable.length
            ? [
                `${count(shown.length)} of ${count(usable.length)} ${what} are drawn; all are counted.`,
              ]
            : []),
          ...(left > 0 && usable.length > 0
            ? [`Not drawn, having no place on the axes: ${count(left)}.`]
            : []),
        ],
      },
      (_, { x, y }) => [
        dots(plot, s, shown, steps),
        nullLines(plot, s, x, y),
        s.fit && xKind === "linear"
          ? plot.line(fitEnds(s.fit, x, y), { x: "x", y: "y", ...FIT_LINE })
          : null,
      ],
    );
  return { title: s.title, description: s.description, options };
}
