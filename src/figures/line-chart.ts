/**
 * @file Curves over steps: losses and the like, one line a series, with a band where there are
 *   several seeds.
 */

import { cartesianFrame, type Frame } from "./cartesian-frame.ts";
import { type LegendItem, legend, spreadLabels } from "./legend.ts";
import { count } from "./number-text.ts";
import { seriesClass, seriesDash } from "./palette.ts";
import type { ScaleKind } from "./scale.ts";
import { coordinate, element, type FigureWords, figureSvg, textAt, tooltip } from "./svg.ts";
import { STRONG_WIDTH, textWidth } from "./text-width.ts";
import { thinnedCurve } from "./thinning.ts";

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the band around the line here. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
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
  readonly xKind?: ScaleKind;
  readonly yKind?: ScaleKind;
  /** Mark every point, with a bar for its interval instead of a band: for a few measured points. */
  readonly marks?: boolean;
  /** Values that the axes reach at least over. */
  readonly include?: readonly number[];
  readonly xInclude?: readonly number[];
  /** Further names above the plot. */
  readonly legend?: readonly LegendItem[];
  /** What unrelated dictionaries would show, in order of x; drawn as the nulls of other figures. */
  readonly nullCurve?: readonly CurvePoint[];
}

interface DrawnCurve {
  readonly curve: Curve;
  readonly colour: number;
  /** Its uninterrupted stretches, and the last point of the last. */
  readonly pieces: readonly (readonly CurvePoint[])[];
  readonly end: CurvePoint;
}

const MOST_POINTS = 400;
/** More names next to the lines than this, or longer ones, are harder to read than a legend. */
const MOST_DIRECT_LABELS = 8;
const LABEL_SPACE = 124;
const LABEL_START = 15;

/** The stretches of a curve whose points all have a place. */
function stretches(
  points: readonly CurvePoint[],
  { xKind = "linear", yKind = "linear" }: Pick<LineChart, "xKind" | "yKind">,
): CurvePoint[][] {
  const hasPlace = (v: number, kind: ScaleKind) =>
    Number.isFinite(v) && (kind === "linear" || v > 0);
  const found: CurvePoint[][] = [[]];
  for (const p of points)
    if (hasPlace(p.x, xKind) && hasPlace(p.y, yKind)) found.at(-1)!.push(p);
    else if (found.at(-1)!.length > 0) found.push([]);
  return found.filter((s) => s.length > 0);
}

function linePath(points: readonly CurvePoint[], { x, y }: Frame): string {
  const at = points.map((p) => `${coordinate(x.at(p.x))} ${coordinate(y.at(p.y))}`);
  return at.length === 1 ? `M${at[0]}h0` : `M${at.join("L")}`;
}

function bandPath(points: readonly CurvePoint[], { x, y }: Frame): string | undefined {
  const inside = points.filter(
    ({ low, high }) => Number.isFinite(low ?? Number.NaN) && Number.isFinite(high ?? Number.NaN),
  );
  if (inside.length < 2) return undefined;
  // The lower end of a band may reach below what a logarithmic axis can show.
  const edge = (p: CurvePoint, v: number) =>
    `${coordinate(x.at(p.x))} ${coordinate(y.shows(v) ? y.at(v) : y.range[0])}`;
  const over = inside.map((p) => edge(p, p.high!));
  const under = inside.toReversed().map((p) => edge(p, p.low!));
  return `M${[...over, ...under].join("L")}Z`;
}

/** A dot for every point, on a bar as long as its interval. */
function drawMarks(points: readonly CurvePoint[], colour: number, { x, y }: Frame): string[] {
  return points.map((p) => {
    const at = coordinate(x.at(p.x));
    const end = (v: number) => coordinate(y.shows(v) ? y.at(v) : y.range[0]);
    const isWide = Number.isFinite(p.low) && Number.isFinite(p.high);
    const bar = isWide ? `M${at} ${end(p.low!)}V${end(p.high!)}` : undefined;
    return [
      bar === undefined
        ? ""
        : element("path", { d: bar, class: `line ${seriesClass(colour, "line")}` }),
      element(
        "circle",
        { cx: x.at(p.x), cy: y.at(p.y), r: 4, class: seriesClass(colour, "fill") },
        p.name === undefined ? "" : tooltip(p.name),
      ),
    ].join("");
  });
}

function drawCurve({ curve, colour, pieces }: DrawnCurve, frame: Frame, marks: boolean): string {
  const parts = pieces.flatMap((whole) => {
    const points = thinnedCurve(whole, MOST_POINTS);
    const band = marks ? undefined : bandPath(points, frame);
    return [
      band ? element("path", { d: band, class: `band ${seriesClass(colour, "fill")}` }) : "",
      element("path", {
        d: linePath(points, frame),
        class: `line ${seriesClass(colour, "line")}`,
        "stroke-dasharray": seriesDash(colour),
        // A single point is a dot.
        style: points.length === 1 ? "stroke-width:5" : undefined,
      }),
      ...(marks ? drawMarks(points, colour, frame) : []),
    ];
  });
  return element("g", {}, [tooltip(curve.name), ...parts]);
}

/**
 * Names at the right ends of the lines, each with a thin line to its end; none when there is no
 * room.
 */
function directLabels(curves: readonly DrawnCurve[], frame: Frame): string {
  const ends = curves.map(({ end }) => frame.y.at(end.y));
  const places = spreadLabels(ends, frame.area.top, frame.area.bottom) ?? [];
  const from = frame.area.right;
  return places
    .map((place, i) => {
      const { curve, colour, end } = curves[i]!;
      const start = `M${coordinate(frame.x.at(end.x) + 3)} ${coordinate(ends[i]!)}`;
      return [
        element("path", {
          d: `${start}L${coordinate(from + 12)} ${coordinate(place)}`,
          class: `leader ${seriesClass(colour, "line")}`,
        }),
        textAt(curve.name, {
          x: from + LABEL_START,
          y: place,
          class: `strong ${seriesClass(colour, "fill")}`,
        }),
      ].join("");
    })
    .join("");
}

/** A line chart as SVG text. Curves without a point that has a place are named below the plot. */
export function lineChart(chart: LineChart): string {
  const { curves, xKind = "linear", yKind = "linear", marks = false } = chart;
  const drawn: DrawnCurve[] = [];
  const missing: string[] = [];
  for (const [i, curve] of curves.entries()) {
    const pieces = stretches(curve.points, chart);
    const end = pieces.at(-1)?.at(-1);
    if (end) drawn.push({ curve, colour: curve.colour ?? i, pieces, end });
    else missing.push(curve.name);
  }
  const longest = STRONG_WIDTH * Math.max(0, ...drawn.map(({ curve }) => textWidth(curve.name)));
  const direct = drawn.length <= MOST_DIRECT_LABELS && longest <= LABEL_SPACE;
  const series: LegendItem[] = drawn.map(({ curve, colour }) => ({
    text: curve.name,
    mark: { series: colour, as: "line" },
  }));
  const nullPieces = stretches(chart.nullCurve ?? [], chart);
  const names = legend([
    ...(direct ? [] : series),
    ...(nullPieces.length > 0 ? [{ text: "null", mark: "null" as const }] : []),
    ...(chart.legend ?? []),
  ]);
  const points = [...drawn.flatMap(({ pieces }) => pieces.flat()), ...nullPieces.flat()];
  const most = Math.max(
    ...[0, ...drawn.map(({ curve, pieces }) => curve.logged ?? pieces.flat().length)],
  );
  const frame = cartesianFrame({
    x: {
      label: chart.xLabel,
      kind: xKind,
      include: chart.xInclude ?? [],
      values: points.map((p) => p.x),
    },
    y: {
      label: chart.yLabel,
      kind: yKind,
      include: chart.include ?? [],
      values: points.flatMap(({ y, low, high }) => [y, low ?? Number.NaN, high ?? Number.NaN]),
    },
    above: names.height,
    beside: direct ? longest + LABEL_START : 0,
    notes: [
      ...(missing.length > 0 ? [`Nothing to show of ${missing.join(", ")}.`] : []),
      ...(drawn.length === 0 && missing.length === 0 ? ["Nothing to show."] : []),
      ...(most > MOST_POINTS ? [`Thinned from ${count(most)} points; extremes are kept.`] : []),
    ],
  });
  return figureSvg(frame.height, chart, [
    names.markup,
    frame.markup,
    ...nullPieces.map((piece) =>
      element("path", { d: linePath(piece, frame), class: "null-line" }),
    ),
    ...drawn.map((curve) => drawCurve(curve, frame, marks)),
    direct ? directLabels(drawn, frame) : "",
  ]);
}
