/** @file Which picture a row is of, in which pose, and where in it. */

import { pictureGroup } from "../groups/picture-group.ts";
import { elementsOf, movePicture } from "../groups/pixel-action.ts";
import type { PictureFacts } from "../source/kept-pictures.ts";
import type { Place } from "./picture-svg.ts";

/** How rows lie: all poses of a picture, and of each all positions. */
export type RowShape = Pick<PictureFacts, "size" | "poses" | "positions" | "grid" | "group">;

/** Where a row is from. */
export interface RowPlace {
  readonly picture: number;
  readonly pose: number;
  readonly position: number;
}

/** @param row Its number in the store. */
export function placeOf(row: number, { poses, positions }: RowShape): RowPlace {
  const each = poses * positions;
  const within = row % each;
  return {
    picture: Math.floor(row / each),
    pose: Math.floor(within / positions),
    position: within % positions,
  };
}

/** `pose 2 of 4`, `row 3, column 1 of 7 × 7`; "" for a row that is the picture. */
export function placeWords({ pose, position }: RowPlace, shape: RowShape): string {
  const { poses, positions, grid, group } = shape;
  const words: string[] = [];
  if (group && poses > 1) words.push(`pose ${pictureGroup(group).names[pose]} of ${group.group}`);
  if (grid) {
    const [height, width] = grid;
    const [row, column] = [Math.floor(position / width), position % width];
    words.push(`row ${row + 1}, column ${column + 1} of ${height} × ${width}`);
  } else if (positions > 1) words.push(`position ${position + 1} of ${positions}`);
  return words.join(", ");
}

/** The part of the picture that a row is of; undefined for the whole, or where it is not known. */
export function markedPlace({ position }: RowPlace, { grid }: RowShape): Place | undefined {
  if (!grid) return undefined;
  const [height, width] = grid;
  return {
    top: Math.floor(position / width) / height,
    left: (position % width) / width,
    height: 1 / height,
    width: 1 / width,
  };
}

/**
 * Moves small pictures as the pictures themselves were moved.
 *
 * @returns Undefined where the group does not act on pictures of their size.
 */
export function posesOf({
  group,
  size,
}: RowShape): ((pixels: Uint8Array, pose: number) => Uint8Array) | undefined {
  const [height, width, channels] = size;
  const acts =
    group !== null &&
    (group.group !== "translations" || (height % group.steps === 0 && width % group.steps === 0));
  if (!acts) return undefined;
  const maps = elementsOf(group, height, width);
  return (pixels, pose) => {
    const out = new Uint8Array(pixels.length);
    movePicture(pixels, maps[pose]!, channels, out);
    return out;
  };
}
