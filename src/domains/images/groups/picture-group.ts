/** @file The groups that act on pictures, as groups: their elements, and how these multiply. */

import { type FiniteGroup, finiteGroup } from "../../../symmetry/group.ts";
import { groupNamed } from "../../../symmetry/named-groups.ts";
import type { GroupName } from "./group-names.ts";

/** A group as a config names it. */
export interface GroupOptions {
  readonly group: GroupName;
  /** Of translations: shifts down and across. Default 2. */
  readonly steps?: number | undefined;
}

/** Cyclic shifts of a grid of `steps` × `steps` points: across, then down. */
function translations(steps: number): FiniteGroup {
  const points = Array.from({ length: steps ** 2 }, (_, i) => i);
  const [row, column] = [(i: number) => Math.floor(i / steps), (i: number) => i % steps];
  const at = (y: number, x: number) => (y % steps) * steps + (x % steps);
  return finiteGroup("translations", [
    { name: "x", permutation: points.map((i) => at(row(i), column(i) + 1)) },
    { name: "y", permutation: points.map((i) => at(row(i) + 1, column(i))) },
  ]);
}

/** The group. `pixel-action.ts` says what its generators do to pictures. */
export function pictureGroup({ group, steps = 2 }: GroupOptions): FiniteGroup {
  return group === "translations" ? translations(steps) : groupNamed(group);
}
