/**
 * @file 180 questions about pictures of shapes, of the form "is a red star in the centre?". The
 *   published work has 180 tasks that nobody can read. The number is theirs, these tasks are ours.
 */

import type { GroupOptions } from "../groups/picture-group.ts";
import { elementsOf } from "../groups/pixel-action.ts";
import type { PictureTask } from "../made.ts";
import { UNCHANGED_BY_QUARTER_TURN } from "./outline.ts";
import {
  CELLS,
  COLOUR_NAMES,
  type ColourName,
  GRID,
  type PlacedShape,
  SHAPES,
  type ShapeName,
} from "./scene.ts";

/**
 * What turning the picture does to the answer.
 *
 * - invariant: nothing. The cell is the centre.
 * - position: the answer moves to another cell. The shape there looks as it did before, because
 *   quarter turns do not change a circle, a square or a cross.
 * - pose: the answer moves to another cell, and the triangle or star there no longer stands
 *   upright.
 */
export type TaskKind = "invariant" | "position" | "pose";

/** A shape of one kind and colour in one cell. It counts however it is turned. */
export interface PresenceTask {
  readonly name: string;
  readonly kind: TaskKind;
  readonly shape: ShapeName;
  readonly colour: ColourName;
  readonly cell: number;
}

const CENTRE = (CELLS - 1) / 2;
const ROW_NAMES = ["top", "middle", "bottom"] as const;
const COLUMN_NAMES = ["left", "centre", "right"] as const;

/** "top left", "centre". */
function cellName(cell: number): string {
  if (cell === CENTRE) return "centre";
  return `${ROW_NAMES[Math.floor(cell / GRID)]} ${COLUMN_NAMES[cell % GRID]}`;
}

function kindOf(shape: ShapeName, cell: number): TaskKind {
  if (cell === CENTRE) return "invariant";
  return UNCHANGED_BY_QUARTER_TURN.has(shape) ? "position" : "pose";
}

/** Position of a task in `PRESENCE_TASKS`. */
function taskIndex(shape: ShapeName, colour: ColourName, cell: number): number {
  return (
    (SHAPES.indexOf(shape) * COLOUR_NAMES.length + COLOUR_NAMES.indexOf(colour)) * CELLS + cell
  );
}

/** All tasks: 5 shapes × 4 colours × 9 cells; 20 invariant, 96 of position, 64 of pose. */
export const PRESENCE_TASKS: readonly PresenceTask[] = SHAPES.flatMap((shape) =>
  COLOUR_NAMES.flatMap((colour) =>
    Array.from({ length: CELLS }, (_, cell) => ({
      name: `${colour} ${shape}, ${cellName(cell)}`,
      kind: kindOf(shape, cell),
      shape,
      colour,
      cell,
    })),
  ),
);

/**
 * How answers move with pictures: by pose of a group, for each task, the task that has this answer
 * in the canonical pose, [poses][tasks]. The group moves cells as it moves pixels.
 *
 * @returns Undefined for a group that does not map cells to cells.
 */
export function movedTasks(group: GroupOptions): readonly Int32Array[] | undefined {
  if (group.group === "translations" && group.steps !== GRID) return undefined;
  return elementsOf(group, GRID, GRID).map((from) =>
    Int32Array.from(PRESENCE_TASKS, ({ shape, colour, cell }) =>
      taskIndex(shape, colour, from[cell]!),
    ),
  );
}

/** Every task with its answers for the pictures with these scenes, in the order of both. */
export function answersOf(scenes: readonly (readonly PlacedShape[])[]): readonly PictureTask[] {
  const labels = PRESENCE_TASKS.map(() => new Uint8Array(scenes.length));
  for (const [picture, scene] of scenes.entries())
    for (const { shape, colour, cell } of scene)
      labels[taskIndex(shape, colour, cell)]![picture] = 1;
  return PRESENCE_TASKS.map(({ name, kind }, i) => ({ name, kind, labels: labels[i]! }));
}
