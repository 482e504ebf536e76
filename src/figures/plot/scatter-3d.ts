/**
 * @file A cloud of points in three dimensions, seen from a fixed side. It is the published figure
 *   of latents by agreement with the truth, agreement with each other, and how often they are
 *   active.
 */

import { count, fixed } from "../number-text.ts";
import { COLOURS, rampColour } from "../palette.ts";
import { type FigureWords, FONT_SIZE } from "../svg.ts";
import { shortened, textWidth } from "../text-width.ts";
import { sampledPositions } from "../thinning.ts";
import { type Axis, makeAxis, placed, tickTextWidth } from "./axis.ts";
import { BOX, type Vector, type View, viewOfBox } from "./camera.ts";
import { type LegendItem, legend } from "./legend.ts";
import { type MarkColour, rampLegend, rampSteps } from "./ramp.ts";
import { MOST_MARKS, markRadius } from "./scatter.ts";
import { type Marks, PIXELS, type Plot, px, type Specification } from "./specification.ts";
import { type Line, NULL_LINE } from "./styles.ts";
import { NOTE_ROW, notes, type PlacedText, placedTexts } from "./texts.ts";

export interface CloudAxis {
  readonly label: string;
  readonly values: ArrayLike<number>;
  /** Values that the axis reaches at least over. */
  readonly include: readonly number[];
  /** What unrelated dictionaries would show: a dotted line on the floor. Of level axes alone. */
  readonly null?: number | undefined;
}

export interface Cloud extends FigureWords {
  readonly x: CloudAxis;
  readonly y: CloudAxis;
  readonly z: CloudAxis;
  readonly colour: MarkColour;
  /** Where one looks from, in degrees as matplotlib counts them. Default 20 and 120. */
  readonly elevation?: number;
  readonly azimuth?: number;
  readonly what?: string;
  readonly notes?: readonly string[];
}

/** Marks are drawn in this many slices, from back to front. */
const SLICES = 5;
/** Room for the ticks below the box. */
const BELOW = 26;
const ROW = 18;

/** A line in the figure. */
interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

function segment({ place }: View, from: Vector, to: Vector): Segment {
  const [a, b] = [place(from), place(to)];
  return { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
}

const thin = (stroke: string): Line => ({ stroke, strokeWidth: 1 });

function drawSegments(plot: Plot, segments: readonly Segment[], line: Line): Marks {
  const place = {
    x1: px(({ x1 }: Segment) => x1),
    y1: px(({ y1 }: Segment) => y1),
    x2: px(({ x2 }: Segment) => x2),
    y2: px(({ y2 }: Segment) => y2),
  };
  return [plot.link(segments, { ...place, ...line })];
}

/** `base` with the coordinate of one axis replaced. */
function withAxis(base: Vector, axis: number, value: number): Vector {
  return base.map((v, i) => (i === axis ? value : v)) as unknown as Vector;
}

/** Where a value of an axis is in the box. */
function inBox({ domain: [low, high] }: Axis, axis: number, value: number): number {
  const share = (placed(value, "linear") / 2 - low / 2) / (high / 2 - low / 2);
  return (2 * share - 1) * BOX[axis]!;
}

/** Grid lines on the three far sides. */
function gridLines(view: View, axes: readonly Axis[]): Segment[] {
  const lines: Segment[] = [];
  for (let wall = 0; wall < 3; wall++)
    for (let axis = 0; axis < 3; axis++) {
      if (axis === wall) continue;
      const along = 3 - wall - axis;
      for (const tick of axes[axis]!.ticks) {
        const at = withAxis(view.far, axis, inBox(axes[axis]!, axis, tick));
        const [from, to] = [-1, 1].map((sign) => withAxis(at, along, sign * BOX[along]!));
        lines.push(segment(view, from!, to!));
      }
    }
  return lines;
}

/** The nulls of the two level axes that have one. */
function nullsOf({ x, y }: Cloud): readonly (readonly [axis: 0 | 1, value: number])[] {
  return ([x, y] as const).flatMap((level, axis) =>
    level.null !== undefined && Number.isFinite(level.null)
      ? [[axis as 0 | 1, level.null] as const]
      : [],
  );
}

/** Lines across the floor at the nulls; none where an axis does not reach its null. */
function nullLines(cloud: Cloud, view: View, axes: readonly Axis[]): Segment[] {
  return nullsOf(cloud).flatMap(([axis, value]) => {
    const [low, high] = axes[axis]!.domain;
    if (value < low || value > high) return [];
    const at = withAxis(view.far, axis, inBox(axes[axis]!, axis, value));
    const along = 1 - axis;
    const [from, to] = [-1, 1].map((sign) => withAxis(at, along, sign * BOX[along]!));
    return [segment(view, from!, to!)];
  });
}

/** The edges that carry the ticks: x and y along the floor's near sides, z up the left. */
function axisEdges({ far, near, place }: View): readonly Vector[] {
  const upright = [-1, 1]
    .flatMap((x) => [-1, 1].map((y): Vector => [x, y, 0]))
    .reduce((a, b) => (place(b).x < place(a).x ? b : a));
  return [[0, near[1], far[2]], [near[0], 0, far[2]], upright];
}

function touch(a: PlacedText, b: PlacedText): boolean {
  if (Math.abs(a.y - b.y) > FONT_SIZE) return false;
  const left = ({ text, x, anchor }: PlacedText) => (anchor === "end" ? x - textWidth(text) : x);
  return left(a) < left(b) + textWidth(b.text) + 3 && left(b) < left(a) + textWidth(a.text) + 3;
}

/** The texts of the ticks along the edges; one that would stand on another is left out. */
function tickTexts(view: View, axes: readonly Axis[], middle: number): PlacedText[] {
  const texts: PlacedText[] = [];
  for (const [axis, edge] of axisEdges(view).entries()) {
    // Text stands on the outer side of its edge.
    const leftwards = axis === 2 || view.place(edge).x < middle;
    for (const [i, tick] of axes[axis]!.ticks.entries()) {
      const at = view.place(withAxis(edge, axis, inBox(axes[axis]!, axis, tick)));
      const text: PlacedText = {
        text: axes[axis]!.texts[i]!,
        anchor: leftwards ? "end" : "start",
        x: at.x + (leftwards ? -5 : 5),
        y: at.y + (axis === 2 ? 0 : 9),
      };
      if (!texts.some((other) => touch(text, other))) texts.push(text);
    }
  }
  return texts;
}

/** Positions that have a place, and of those the ones that are drawn. */
function drawnPoints({ x, y, z }: Cloud): { usable: number; shown: number[] } {
  const usable: number[] = [];
  for (let i = 0; i < Math.min(x.values.length, y.values.length, z.values.length); i++)
    if ([x, y, z].every(({ values }) => Number.isFinite(values[i]))) usable.push(i);
  const shown = Array.from(sampledPositions(usable.length, MOST_MARKS), (i) => usable[i]!);
  return { usable: usable.length, shown };
}

/** Dots from back to front, one mark for each slice of depth and colour. */
function dots(
  plot: Plot,
  cloud: Cloud,
  shown: readonly number[],
  view: View,
  axes: readonly Axis[],
): Marks {
  const steps = rampSteps(cloud.colour.values);
  const groups = new Map<number, { x: number; y: number }[]>();
  for (const i of shown) {
    const values = [cloud.x.values[i]!, cloud.y.values[i]!, cloud.z.values[i]!];
    const p = values.map((v, axis) => inBox(axes[axis]!, axis, v)) as unknown as Vector;
    const slice = Math.min(SLICES - 1, Math.max(0, Math.floor(view.nearness(p) * SLICES)));
    const key = slice * 100 + (steps?.step(cloud.colour.values[i]!) ?? 0);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(view.place(p));
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([key, group]) =>
      plot.dot(group, {
        x: px(({ x }: { x: number }) => x),
        y: px(({ y }: { y: number }) => y),
        r: markRadius(shown.length),
        fill: rampColour(key % 100),
        fillOpacity: 0.8,
      }),
    );
}

/**
 * A 3-D scatter. Points that are not finite are left out; beyond `MOST_MARKS` a fixed sample is
 * drawn.
 */
export function scatter3d(cloud: Cloud): Specification {
  const { what = "latents", elevation = 20, azimuth = 120 } = cloud;
  const { usable, shown } = drawnPoints(cloud);
  const steps = rampSteps(cloud.colour.values);
  const axes = [cloud.x, cloud.y, cloud.z].map(({ label, values, include }) =>
    makeAxis({ label, include, values: shown.map((i) => values[i]!) }, 3),
  );
  const lines = [
    ...(shown.length === 0 ? ["Nothing to show."] : []),
    ...(shown.length < usable
      ? [`${count(shown.length)} of ${count(usable)} ${what} are drawn.`]
      : []),
    ...(cloud.notes ?? []),
  ];
  const options: Specification["options"] = (plot, width) => {
    const nulls = [...new Set(nullsOf(cloud).map(([, value]) => fixed(value, 3)))].join(" and ");
    const items: LegendItem[] = [
      ...(nulls ? [{ text: `null ${nulls}`, mark: NULL_LINE }] : []),
      ...(steps ? [rampLegend(cloud.colour.label, steps)] : []),
    ];
    const names = legend(items, width);
    // Room for the texts of the ticks, whichever side an axis is on.
    const margin = Math.max(28, ...axes.map(tickTextWidth)) + 8;
    const view = viewOfBox(
      { elevation, azimuth },
      { left: margin, right: width - margin, top: names.height + ROW + 12 },
    );
    const edges = axisEdges(view).map((edge, axis) => {
      const [from, to] = [-1, 1].map((sign) => withAxis(edge, axis, sign * BOX[axis]!));
      return segment(view, from!, to!);
    });
    const label = (text: string, whole: string, place: Omit<PlacedText, "text">) => ({
      ...place,
      text: shortened(text, width),
      whole,
      fill: COLOURS.ink,
    });
    const labels = view.bottom + BELOW;
    const noteTop = labels + 1.5 * ROW;
    return {
      width,
      height: noteTop + lines.length * NOTE_ROW,
      margin: 0,
      x: PIXELS,
      y: PIXELS,
      marks: [
        names.marks(plot),
        drawSegments(plot, gridLines(view, axes), thin(COLOURS.rule)),
        drawSegments(plot, nullLines(cloud, view, axes), NULL_LINE),
        dots(plot, cloud, shown, view, axes),
        drawSegments(plot, edges, thin(COLOURS.quiet)),
        placedTexts(plot, [
          ...tickTexts(view, axes, width / 2),
          label(`↑ ${cloud.z.label}`, cloud.z.label, { x: 0, y: names.height + ROW / 2 }),
          label(`↙ ${cloud.x.label}`, cloud.x.label, { x: 0, y: labels }),
          label(`${cloud.y.label} ↘`, cloud.y.label, { x: width, y: labels + ROW, anchor: "end" }),
          ...notes(lines, noteTop, width),
        ]),
      ],
    };
  };
  return { title: cloud.title, description: cloud.description, options };
}
