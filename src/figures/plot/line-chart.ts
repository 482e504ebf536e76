/**
 * @file Curves over steps: losses and the like, one line a series, with a band where there are
 *   several seeds.
 */

import { count } from "../number-text.ts";
import { seriesColour } from "../palette.ts";
import type { FigureWords } from "../svg.ts";
import { strongWidth } from "../text-width.ts";
import { thinnedCurve } from "../thinning.ts";
import { type AxisKind, placed } from "./axis.ts";
import { type Area, framed } from "./frame.ts";
import type { LegendItem } from "./legend.ts";
import { type Marks, type Plot, px, type Specification } from "./specification.ts";
import { NULL_LINE, seriesLine } from "./styles.ts";
import { placedTexts, spreadLabels } from "./texts.ts";

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the band around the line here. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Ends of the interval of x, drawn where points are marked. */
  readonly left?: number | undefined;
  readonly right?: number | undefined;
  /** What the point is, where points are marked. */
  readonly name?: string;
}

export interface Curve {
  readonly name: string;
  /** In order of x. Points without a place (NaN; zero on a logarithmic axis) interrupt the line. */
  readonly points: readonly CurvePoint[];
  /** Points that there were, when `points` are fewer. */
  readonly logged?: number;
  /** Number of the colour; default: position among the curves. */
  readonly colour?: number;
}

export interface LineChart extends FigureWords {
  readonly curves: readonly Curve[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xKind?: AxisKind;
  readonly yKind?: AxisKind;
  /** Mark every point, with bars for its intervals instead of a band: for a few measured points. */
  readonly marks?: boolean;
  /** Values that the axes reach at least over. */
  readonly include?: readonly number[];
  readonly xInclude?: readonly number[];
  /** What unrelated dictionaries would show, in order of x; drawn as the nulls of other figures. */
  readonly nullCurve?: readonly CurvePoint[];
}

/** A curve whose points are where they are drawn; NaN where they have no place. */
interface DrawnCurve {
  readonly name: string;
  readonly colour: number;
  readonly points: readonly CurvePoint[];
  /** The last point that has a place. */
  readonly end: CurvePoint;
  /** Points that there were. */
  readonly logged: number;
}

const MOST_POINTS = 400;
/** More names next to the lines than this, or longer ones, are harder to read than a legend. */
const MOST_DIRECT_LABELS = 8;
const LABEL_SPACE = 124;
const LABEL_START = 15;

function isPlaced({ x, y }: CurvePoint): boolean {
  return !Number.isNaN(x) && !Number.isNaN(y);
}

/** The points of a curve as they are drawn, few enough. */
function drawnPoints(
  points: readonly CurvePoint[],
  { xKind = "linear", yKind = "linear" }: LineChart,
): CurvePoint[] {
  const stretches: CurvePoint[][] = [[]];
  for (const point of points) {
    const at = { ...point, x: placed(point.x, xKind), y: placed(point.y, yKind) };
    if (isPlaced(at)) stretches.at(-1)!.push(at);
    else if (stretches.at(-1)!.length > 0) stretches.push([]);
  }
  const gap = { x: Number.NaN, y: Number.NaN };
  const kept = stretches.filter((stretch) => stretch.length > 0);
  return kept.flatMap((stretch, i) => [
    ...(i > 0 ? [gap] : []),
    ...thinnedCurve(stretch, MOST_POINTS),
  ]);
}

/** The points that stand alone between two gaps. */
function lonePoints(points: readonly CurvePoint[]): CurvePoint[] {
  const has = (i: number) => points[i] !== undefined && isPlaced(points[i]!);
  return points.filter((_, i) => has(i) && !has(i - 1) && !has(i + 1));
}

/** A point with the ends of its interval along one axis. */
interface Interval {
  readonly x: number;
  readonly y: number;
  readonly from: number;
  readonly to: number;
}

/** Intervals that have both ends; the lower one may be below what a logarithm can show. */
function intervals(
  points: readonly CurvePoint[],
  ends: readonly ["low", "high"] | readonly ["left", "right"],
  lowest: number,
  kind: AxisKind = "linear",
): Interval[] {
  return points.flatMap((point) => {
    const [from, to] = ends.map((end) => point[end] ?? Number.NaN) as [number, number];
    if (!Number.isFinite(from) || !Number.isFinite(to) || !isPlaced(point)) return [];
    const end = (v: number) => (Number.isNaN(placed(v, kind)) ? lowest : placed(v, kind));
    return [{ x: point.x, y: point.y, from: end(from), to: end(to) }];
  });
}

function drawCurve(
  plot: Plot,
  chart: LineChart,
  curve: DrawnCurve,
  lowest: { readonly x: number; readonly y: number },
): Marks {
  const { points, colour, name } = curve;
  const ends = intervals(points, ["low", "high"], lowest.y, chart.yKind);
  const across = intervals(points, ["left", "right"], lowest.x, chart.xKind);
  const line = seriesLine(colour);
  const fill = seriesColour(colour);
  const lone = lonePoints(points);
  return [
    !chart.marks && ends.length > 1
      ? plot.areaY(ends, { x: "x", y1: "from", y2: "to", fill, fillOpacity: 0.16 })
      : null,
    plot.line(points, { x: "x", y: "y", title: () => name, ...line }),
    chart.marks
      ? [
          plot.ruleX(ends, { x: "x", y1: "from", y2: "to", ...line }),
          plot.ruleY(across, { y: "y", x1: "from", x2: "to", ...line }),
          plot.dot(points, { x: "x", y: "y", r: 4, fill, title: "name" }),
        ]
      : lone.length > 0
        ? plot.dot(lone, { x: "x", y: "y", r: 2.5, fill })
        : null,
  ];
}

/**
 * Names at the right ends of the lines, each with a thin line to its end; none when there is no
 * room.
 */
function directLabels(plot: Plot, curves: readonly DrawnCurve[], area: Area, at: PixelsOf): Marks {
  const ends = curves.map(({ end }) => at(end));
  const places = spreadLabels(
    ends.map(({ y }) => y),
    area.top,
    area.bottom,
  );
  if (!places) return [];
  return curves.map(({ name, colour }, i) => {
    const { x, y } = ends[i]!;
    const fill = seriesColour(colour);
    return [
      plot.link([places[i]!], {
        x1: px(() => x + 3),
        y1: px(() => y),
        x2: px(() => area.right + 12),
        y2: px((place: number) => place),
        stroke: fill,
        strokeWidth: 0.75,
        strokeOpacity: 0.6,
      }),
      placedTexts(plot, [
        { text: name, x: area.right + LABEL_START, y: places[i]!, fill, strong: true },
      ]),
    ];
  });
}

type PixelsOf = (point: CurvePoint) => { readonly x: number; readonly y: number };

/** The curves that have a point with a place, and the names of those that have none. */
function sortedOut(chart: LineChart): { drawn: DrawnCurve[]; missing: string[] } {
  const drawn: DrawnCurve[] = [];
  const missing: string[] = [];
  for (const [i, { name, points: all, colour = i, logged }] of chart.curves.entries()) {
    const points = drawnPoints(all, chart);
    const end = points.findLast(isPlaced);
    if (end) drawn.push({ name, colour, points, end, logged: logged ?? all.length });
    else missing.push(name);
  }
  return { drawn, missing };
}

/** What an axis must reach over: a point and the ends of its interval, NaN without one. */
const reachOf = (axis: "x" | "y") => (point: CurvePoint) => {
  const { x, y, low, high, left, right } = point;
  const [value, from, to] = axis === "x" ? [x, left, right] : [y, low, high];
  return [value, from ?? Number.NaN, to ?? Number.NaN];
};

/** A line chart. Curves without a point that has a place are named below the plot. */
export function lineChart(chart: LineChart): Specification {
  const { xKind = "linear", yKind = "linear", include = [], xInclude = [] } = chart;
  const { drawn, missing } = sortedOut(chart);
  const nullPoints = drawnPoints(chart.nullCurve ?? [], chart);
  const longest = Math.max(0, ...drawn.map(({ name }) => strongWidth(name)));
  const direct = drawn.length <= MOST_DIRECT_LABELS && longest <= LABEL_SPACE;
  const series = drawn.map(
    ({ name, colour }): LegendItem => ({ text: name, mark: seriesLine(colour) }),
  );
  const most = Math.max(0, ...drawn.map(({ logged }) => logged));
  const points = [...drawn.flatMap((curve) => curve.points), ...nullPoints].filter(isPlaced);
  const options: Specification["options"] = (plot, width) =>
    framed(
      plot,
      width,
      {
        x: {
          label: chart.xLabel,
          kind: xKind,
          include: xInclude,
          values: points.flatMap(reachOf("x")),
        },
        y: {
          label: chart.yLabel,
          kind: yKind,
          include,
          values: points.flatMap(reachOf("y")),
        },
        beside: direct ? longest + LABEL_START : 0,
        legend: [
          ...(direct ? [] : series),
          ...(nullPoints.length > 0 ? [{ text: "null", mark: NULL_LINE }] : []),
        ],
        notes: [
          ...(missing.length > 0 ? [`Nothing to show of ${missing.join(", ")}.`] : []),
          ...(drawn.length === 0 && missing.length === 0 ? ["Nothing to show."] : []),
          ...(most > MOST_POINTS ? [`Thinned from ${count(most)} points; extremes are kept.`] : []),
        ],
      },
      (area, { x, y }) => {
        const range = { x: [area.left, area.right], y: [area.bottom, area.top] };
        const across = plot.scale({ x: { type: x.kind, domain: x.domain, range: range.x } })!;
        const up = plot.scale({ y: { type: y.kind, domain: y.domain, range: range.y } })!;
        const at: PixelsOf = (point) => ({ x: across.apply(point.x), y: up.apply(point.y) });
        return [
          plot.line(nullPoints, { x: "x", y: "y", ...NULL_LINE }),
          ...drawn.map((curve) =>
            drawCurve(plot, chart, curve, { x: x.domain[0], y: y.domain[0] }),
          ),
          direct ? directLabels(plot, drawn, area, at) : null,
        ];
      },
    );
  return { title: chart.title, description: chart.description, options };
}
