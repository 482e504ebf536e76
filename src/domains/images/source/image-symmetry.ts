/** @file How rows move under the group that acts on their pictures. */

import type { Symmetry } from "../../../sources/symmetry.ts";
import { elementsOf } from "../groups/pixel-action.ts";
import { pixelMatrices } from "../groups/pixel-matrices.ts";
import type { PictureSize } from "../pictures/picture-set.ts";
import type { ImagesConfig } from "../schema.ts";
import { groupOf } from "./open-rows.ts";

/** The exact symmetry of rows of pixels; undefined without a group. */
export function pixelSymmetry(source: ImagesConfig, size: PictureSize): Symmetry | undefined {
  const group = groupOf(source);
  if (group === undefined) return undefined;
  const maps = elementsOf(group, size[0], size[1]);
  return {
    group: group.group,
    size: maps.length,
    matrices: pixelMatrices(maps, size[2]),
    isExact: true,
  };
}
