/** @file How a shape is drawn: as an element of SVG. */

import { COLOURS, GRID, type PlacedShape, type ShapeName } from "./scene.ts";

/** A corner, right and down from the middle, in radii. */
type Corner = readonly [number, number];

/** `count` corners at equal angles, from the top on, at these radii in turn. */
function around(count: number, ...radii: readonly number[]): readonly Corner[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    const radius = radii[i % radii.length]!;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

/** Half the width of a cross's arms; with it a corner lies on the circle of radius one. */
const ARM = 0.3;
const REACH = Math.sqrt(1 - ARM * ARM);
const HALF_SIDE = Math.SQRT1_2;

/** Corners of the shapes that have some, within the circle of radius one. */
const CORNERS: Readonly<Record<Exclude<ShapeName, "circle">, readonly Corner[]>> = {
  square: [
    [-HALF_SIDE, -HALF_SIDE],
    [HALF_SIDE, -HALF_SIDE],
    [HALF_SIDE, HALF_SIDE],
    [-HALF_SIDE, HALF_SIDE],
  ],
  triangle: around(3, 1),
  star: around(10, 1, 0.45),
  cross: [
    [-ARM, -REACH],
    [ARM, -REACH],
    [ARM, -ARM],
    [REACH, -ARM],
    [REACH, ARM],
    [ARM, ARM],
    [ARM, REACH],
    [-ARM, REACH],
    [-ARM, ARM],
    [-REACH, ARM],
    [-REACH, -ARM],
    [-ARM, -ARM],
  ],
};

/** Shapes that a quarter turn about their middle does not change; test-checked on pixels. */
export const UNCHANGED_BY_QUARTER_TURN: ReadonlySet<ShapeName> = new Set([
  "circle",
  "square",
  "cross",
]);

/** A length with as many digits as a picture can show. */
const short = (x: number): string => String(Number(x.toFixed(3)));

/** The SVG element of a shape in a picture of `size` pixels. */
export function outlineOf(placed: PlacedShape, size: number): string {
  const { shape, colour, cell, radius, offset } = placed;
  const unit = size / GRID;
  const x = unit * ((cell % GRID) + 0.5 + offset[0]);
  const y = unit * (Math.floor(cell / GRID) + 0.5 + offset[1]);
  const r = unit * radius;
  const fill = `fill="rgb(${COLOURS[colour].join(",")})"`;
  if (shape === "circle")
    return `<circle cx="${short(x)}" cy="${short(y)}" r="${short(0.9 * r)}" ${fill}/>`;
  const points = CORNERS[shape].map(([right, down]) => [x + r * right, y + r * down]);
  return `<polygon points="${points.flat().map(short).join(" ")}" ${fill}/>`;
}
