/**
 * @file What stands in a picture of shapes: one to three of them, each in a cell of its own. The
 *   published pictures cannot be read anywhere, so this construction is ours.
 */

import { type RandomStream, randomStream, uniformAt } from "../../../base/philox.ts";

/** Kinds of shapes. All stand upright. */
export const SHAPES = ["circle", "square", "triangle", "star", "cross"] as const;
/** One of `SHAPES`. */
export type ShapeName = (typeof SHAPES)[number];

/** Colours, red green blue, 0 to 255, on black. */
export const COLOURS = {
  red: [230, 40, 40],
  green: [40, 200, 60],
  blue: [60, 90, 250],
  yellow: [240, 220, 40],
} as const;
/** The colours' names, in the order of tasks. */
export const COLOUR_NAMES = Object.keys(COLOURS) as readonly ColourName[];
/** One of `COLOURS`. */
export type ColourName = keyof typeof COLOURS;

/** Cells along one side of the grid. */
export const GRID = 3;
/** Cells of the grid, row by row. */
export const CELLS = GRID * GRID;

/** The most shapes in a picture. */
const MOST = 3;

/** Radii of the circle around a shape, in cells. */
const RADIUS = { from: 0.34, to: 0.44 } as const;
/** What stays free between that circle and the cell's edge, in cells. */
const FREE = 0.02;

/** A shape in a picture. */
export interface PlacedShape {
  readonly shape: ShapeName;
  readonly colour: ColourName;
  /** Row · 3 + column, 0 to 8. */
  readonly cell: number;
  /** Of the circle around it, in cells. */
  readonly radius: number;
  /** From the cell's middle, right and down, in cells. */
  readonly offset: readonly [number, number];
}

/** Numbers that a picture may draw. */
const DRAWS = 20;

/** The random numbers that all pictures of a seed come from. */
export function sceneStream(seed: number): RandomStream {
  return randomStream(seed, "images/shapes");
}

/**
 * What stands in picture i: a function of the stream and i alone.
 *
 * The number of shapes is uniform in 1, 2 and 3, and so are kinds, colours and, without repetition,
 * cells. Size and place within the cell vary a little, so that no two pictures are the same. The
 * circles around shapes lie in their cells, so no two shapes touch.
 */
export function sceneOf(stream: RandomStream, picture: number): readonly PlacedShape[] {
  let at = picture * DRAWS;
  const uniform = () => uniformAt(stream, at++);
  const below = (n: number) => Math.floor(uniform() * n);
  const count = 1 + below(MOST);
  const free = Array.from({ length: CELLS }, (_, cell) => cell);
  return Array.from({ length: count }, () => {
    const [cell] = free.splice(below(free.length), 1) as [number];
    const shape = SHAPES[below(SHAPES.length)]!;
    const colour = COLOUR_NAMES[below(COLOUR_NAMES.length)]!;
    const radius = RADIUS.from + uniform() * (RADIUS.to - RADIUS.from);
    const room = 0.5 - FREE - radius;
    const offset = [room * (2 * uniform() - 1), room * (2 * uniform() - 1)] as const;
    return { shape, colour, cell, radius, offset };
  });
}
