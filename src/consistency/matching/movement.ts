/**
 * @file How far the atoms of a dictionary have moved, and groups of atoms that move at a similar
 *   pace. A bound on the cosines of slow atoms then stays useful for long, however fast others
 *   move.
 */

import { type Checkpointable, copyArrays, type SavedState } from "../../base/checkpointable.ts";
import { atomGroups, regroup } from "./atom-groups.ts";

/**
 * Atoms are grouped anew every this many steps. Early on it happens more often, while paces settle.
 */
const REGROUP_EVERY = 32;

/** The distances that the atoms of one dictionary have moved, step by step. */
export class Movement implements Checkpointable {
  /** Path length of each unit row, [count]; it never falls. */
  readonly moved: Float64Array;
  readonly groups;
  /** For each group: the sum over steps of the largest movement of any of its atoms. */
  readonly groupMoved: Float64Array;
  /** The same over all atoms together. */
  allMoved = 0;
  /**
   * How many groupings there have been. What is known of a group holds for one grouping only.
   */
  grouping = 0;

  readonly #movedAtGrouping: Float64Array;
  /** Steps recorded. */
  #steps = 0;

  /** @param count Atoms of the dictionary. */
  constructor(count: number) {
    this.moved = new Float64Array(count);
    this.#movedAtGrouping = new Float64Array(count);
    this.groups = atomGroups(count);
    this.groupMoved = new Float64Array(this.groups.count);
  }

  save(): SavedState {
    return {
      arrays: {
        moved: this.moved,
        group_moved: this.groupMoved,
        order: this.groups.order,
        moved_at_grouping: this.#movedAtGrouping,
      },
      json: { all_moved: this.allMoved, steps: this.#steps, grouping: this.grouping },
    };
  }

  load({ arrays, json }: SavedState): void {
    copyArrays(this.save().arrays, arrays);
    this.allMoved = Number(json["all_moved"]);
    this.#steps = Number(json["steps"]);
    this.grouping = Number(json["grouping"]);
    regroup(this.groups);
  }

  /** Adds a step in which atom a moved by step[a], and sets `step` to zero. */
  record(step: Float32Array): void {
    const { groupOf, count } = this.groups;
    const most = new Float64Array(count);
    for (let atom = 0; atom < step.length; atom++) {
      const moved = step[atom]!;
      const group = groupOf[atom]!;
      this.moved[atom]! += moved;
      if (moved > most[group]!) most[group] = moved;
      step[atom] = 0;
    }
    for (let g = 0; g < count; g++) this.groupMoved[g]! += most[g]!;
    this.allMoved += Math.max(...most);
    this.#steps++;
    const steps = this.#steps;
    const isPowerOfTwo = (steps & (steps - 1)) === 0;
    if (steps % REGROUP_EVERY === 0 || (steps < REGROUP_EVERY && isPowerOfTwo)) this.#regroup();
  }

  /** Records that every atom may have moved by 2, the largest distance between unit rows. */
  jump(): void {
    for (let atom = 0; atom < this.moved.length; atom++) this.moved[atom]! += 2;
    for (let g = 0; g < this.groupMoved.length; g++) this.groupMoved[g]! += 2;
    this.allMoved += 2;
  }

  /** Sorts the atoms by how far they have moved since the last grouping. */
  #regroup(): void {
    const since = this.moved.map((moved, atom) => moved - this.#movedAtGrouping[atom]!);
    this.#movedAtGrouping.set(this.moved);
    this.groups.order.sort((a, b) => since[a]! - since[b]! || a - b);
    this.grouping++;
    regroup(this.groups);
  }
}
