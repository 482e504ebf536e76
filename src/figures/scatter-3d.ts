/**
 * @file A cloud of points in three dimensions, seen from a fixed side. It is the published figure
 *   of latents by agreement with the truth, agreement with each other, and how often they are
 *   active.
 */

import { NOTE_ROW, noteRows } from "./cartesian-frame.ts";
import { legend } from "./legend.ts";
import { count } from "./number-text.ts";
import { makeScale, type Scale } from "./scale.ts";
import { type MarkColour, MOST_MARKS, markSize, rampLegend, rampSteps } from "./scatter.ts";
import {
  coordinate,
  element,
  FIGURE_WIDTH,
  type FigureWords,
  FONT_SIZE,
  figureSvg,
  textAt,
} from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";
import { sampledPositions } from "./thinning.ts";

export interface CloudAxis {
  readonly label: string;
  readonly values: ArrayLike<number>;
  /** Values that the axis reaches at least over. */
  readonly include: readonly number[];
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

type Vector = readonly [number, number, number];

/** Half the height of the box relative to half its sides, matplotlib's 3 : 4. */
const HEIGHT = 0.75;
/** Marks are drawn in this many slices, from back to front. */
const SLICES = 5;
/** Room for the ticks below the box. */
const BELOW = 26;
const ROW = 18;

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

interface Camera {
  readonly toViewer: Vector;
  readonly right: Vector;
  readonly up: Vector;
}

/** Parallel projection: equal distances stay equal wherever they are. */
function camera(elevation: number, azimuth: number): Camera {
  const e = (elevation * Math.PI) / 180;
  const a = (azimuth * Math.PI) / 180;
  const [ce, se, ca, sa] = [Math.cos(e), Math.sin(e), Math.cos(a), Math.sin(a)];
  return { toViewer: [ce * ca, ce * sa, se], right: [-sa, ca, 0], up: [-se * ca, -se * sa, ce] };
}

interface View {
  readonly camera: Camera;
  place(p: Vector): { readonly x: number; readonly y: number };
  /** The coordinate of the far and of the near side, by axis. */
  readonly far: Vector;
  readonly near: Vector;
  readonly bottom: number;
}

const CORNERS: readonly Vector[] = [-1, 1].flatMap((x) =>
  [-1, 1].flatMap((y) => [-1, 1].map((z): Vector => [x, y, z * HEIGHT])),
);

interface Margins {
  readonly left: number;
  readonly right: number;
}

/** Room for the texts of the ticks, whichever side an axis is on. */
function margins(scales: readonly Scale[]): Margins {
  const widest = Math.max(
    ...scales.flatMap(({ ticks }) => ticks.map(({ text }) => textWidth(text))),
    28,
  );
  return { left: widest + 8, right: widest + 8 };
}

/** Fits the box into the width of the figure. */
function view(c: Camera, top: number, margin: Margins): View {
  const xs = CORNERS.map((p) => dot(p, c.right));
  const ys = CORNERS.map((p) => -dot(p, c.up));
  const width = FIGURE_WIDTH - margin.left - margin.right;
  const unit = width / (Math.max(...xs) - Math.min(...xs));
  const place = (p: Vector) => ({
    x: margin.left + (dot(p, c.right) - Math.min(...xs)) * unit,
    y: top + (-dot(p, c.up) - Math.min(...ys)) * unit,
  });
  const side = (sign: number): Vector => [
    Math.sign(c.toViewer[0] || 1) * sign,
    Math.sign(c.toViewer[1] || 1) * sign,
    Math.sign(c.toViewer[2] || 1) * sign * HEIGHT,
  ];
  const bottom = top + (Math.max(...ys) - Math.min(...ys)) * unit;
  return { camera: c, place, far: side(-1), near: side(1), bottom };
}

function segment(v: View, from: Vector, to: Vector): string {
  const [a, b] = [v.place(from), v.place(to)];
  return `M${coordinate(a.x)} ${coordinate(a.y)}L${coordinate(b.x)} ${coordinate(b.y)}`;
}

/** `base` with the coordinate of one axis replaced. */
function withAxis(base: Vector, axis: number, value: number): Vector {
  return base.map((v, i) => (i === axis ? value : v)) as unknown as Vector;
}

/** Ends of each axis in the box's own coordinates. */
const RANGES = [1, 1, HEIGHT] as const;

/** Grid lines on the three far sides. */
function gridPath(v: View, scales: readonly Scale[]): string {
  let path = "";
  for (let wall = 0; wall < 3; wall++)
    for (let axis = 0; axis < 3; axis++) {
      if (axis === wall) continue;
      const along = 3 - wall - axis;
      const end = RANGES[along]!;
      for (const tick of scales[axis]!.ticks) {
        const at = withAxis(v.far, axis, tick.at);
        path += segment(v, withAxis(at, along, -end), withAxis(at, along, end));
      }
    }
  return path;
}

/** The edges that carry the ticks: x and y along the floor's near sides, z up the left. */
function axisEdges(v: View): readonly Vector[] {
  const floor = v.far[2];
  const upright = [-1, 1]
    .flatMap((x) => [-1, 1].map((y): Vector => [x, y, 0]))
    .reduce((a, b) => (v.place(b).x < v.place(a).x ? b : a));
  return [[0, v.near[1], floor], [v.near[0], 0, floor], upright];
}

interface TickText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "end";
}

function touch(a: TickText, b: TickText): boolean {
  if (Math.abs(a.y - b.y) > FONT_SIZE) return false;
  const ends = ({ text, x, anchor }: TickText) => {
    const width = textWidth(text);
    return anchor === "end" ? [x - width, x] : [x, x + width];
  };
  const [[a0, a1], [b0, b1]] = [ends(a), ends(b)] as [[number, number], [number, number]];
  return a0 < b1 + 3 && b0 < a1 + 3;
}

/** The three edges and the texts of their ticks; a text that would stand on another is left out. */
function axes(v: View, scales: readonly Scale[]): string {
  const texts: TickText[] = [];
  let lines = "";
  for (const [axis, edge] of axisEdges(v).entries()) {
    const [from, to] = [-1, 1].map((sign) => withAxis(edge, axis, sign * RANGES[axis]!));
    lines += segment(v, from!, to!);
    // Text stands on the outer side of its edge.
    const middle = (v.place(from!).x + v.place(to!).x) / 2;
    const leftwards = axis === 2 || middle < FIGURE_WIDTH / 2;
    for (const tick of scales[axis]!.ticks) {
      const at = v.place(withAxis(edge, axis, tick.at));
      const text: TickText = {
        text: tick.text,
        anchor: leftwards ? "end" : "start",
        x: at.x + (leftwards ? -5 : 5),
        y: at.y + (axis === 2 ? 0 : 9),
      };
      if (!texts.some((other) => touch(text, other))) texts.push(text);
    }
  }
  const drawn = texts.map(({ text, ...place }) => textAt(text, { ...place, class: "quiet" }));
  return element("path", { d: lines, class: "axis" }) + drawn.join("");
}

/** Positions that have a place, and of those the ones that are drawn. */
function drawnPoints({ x, y, z }: Cloud): { usable: number; shown: number[] } {
  const usable: number[] = [];
  for (let i = 0; i < Math.min(x.values.length, y.values.length, z.values.length); i++)
    if ([x, y, z].every(({ values }) => Number.isFinite(values[i]))) usable.push(i);
  const shown = Array.from(sampledPositions(usable.length, MOST_MARKS), (i) => usable[i]!);
  return { usable: usable.length, shown };
}

/** Dots from back to front, one path for each slice of depth and colour. */
function dots(cloud: Cloud, shown: readonly number[], v: View, scales: readonly Scale[]): string {
  const steps = rampSteps(cloud.colour.values);
  const deepest = Math.hypot(1, 1, HEIGHT);
  const paths = new Map<number, string[]>();
  for (const i of shown) {
    const p: Vector = [
      scales[0]!.at(cloud.x.values[i]!),
      scales[1]!.at(cloud.y.values[i]!),
      scales[2]!.at(cloud.z.values[i]!),
    ];
    const depth = (dot(p, v.camera.toViewer) / deepest + 1) / 2;
    const slice = Math.min(SLICES - 1, Math.max(0, Math.floor(depth * SLICES)));
    const key = slice * 100 + (steps?.step(cloud.colour.values[i]!) ?? 0);
    const at = v.place(p);
    const path = paths.get(key) ?? [];
    paths.set(key, path);
    path.push(`M${coordinate(at.x)} ${coordinate(at.y)}h0`);
  }
  return [...paths.entries()]
    .sort(([a], [b]) => a - b)
    .map(([key, path]) =>
      element("path", {
        d: path.join(""),
        class: `marks r${key % 100}`,
        "stroke-width": markSize(shown.length),
      }),
    )
    .join("");
}

/**
 * A 3-D scatter as SVG text. Points that are not finite are left out; beyond `MOST_MARKS` a fixed
 * sample is drawn.
 */
export function scatter3d(cloud: Cloud): string {
  const { what = "latents", elevation = 20, azimuth = 120 } = cloud;
  const { usable, shown } = drawnPoints(cloud);
  const steps = rampSteps(cloud.colour.values);
  const names = legend(steps ? [rampLegend(cloud.colour.label, steps)] : []);
  const top = names.height + ROW + 12;
  const scales = [cloud.x, cloud.y, cloud.z].map(({ values, include }, axis) =>
    makeScale(
      shown.map((i) => values[i]!),
      { include, range: [-RANGES[axis]!, RANGES[axis]!], ticks: 3 },
    ),
  );
  const v = view(camera(elevation, azimuth), top, margins(scales));
  const words = (text: string) => shortened(text, FIGURE_WIDTH);
  const labels = v.bottom + BELOW;
  const notes = [
    ...(shown.length === 0 ? ["Nothing to show."] : []),
    ...(shown.length < usable
      ? [`${count(shown.length)} of ${count(usable)} ${what} are drawn.`]
      : []),
    ...(cloud.notes ?? []),
  ];
  const noteTop = labels + 1.5 * ROW;
  return figureSvg(noteTop + notes.length * NOTE_ROW, cloud, [
    names.markup,
    textAt(words(`↑ ${cloud.z.label}`), { x: 0, y: names.height + ROW / 2, whole: cloud.z.label }),
    element("path", { d: gridPath(v, scales), class: "rule" }),
    dots(cloud, shown, v, scales),
    axes(v, scales),
    textAt(words(`↙ ${cloud.x.label}`), { x: 0, y: labels, whole: cloud.x.label }),
    textAt(words(`${cloud.y.label} ↘`), {
      x: FIGURE_WIDTH,
      y: labels + ROW,
      anchor: "end",
      whole: cloud.y.label,
    }),
    noteRows(notes, noteTop),
  ]);
}
