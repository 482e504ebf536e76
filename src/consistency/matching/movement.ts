/**
 * @file How far the atoms of a dictionary have moved, and groups of atoms that move at a similar
 *   pace. A bound on the cosines of slow atoms then stays useful for long, however fast others
 *   move.
 */

import { atomGroups, regroup } from "./atom-groups.ts";

/**
 * Atoms are grouped anew every this many steps. Early on it happens more often, while paces settle.
 */
const REGROUP_EVERY = 32;

/** The distances that the atoms of one dictionary have moved, step by step. */
export class Movement {
  /** Path length of each unit row, [count]; it never falls. */
  readonly moved: Float64Array;
  readonly groups;
  /** For each group: the sum over steps of the largest movement of any of its atoms. */
  readonly groupMoved: Float64Array;
  /** One element: the same over all atoms together. */
  readonly allMoved = new Float64Array(1);

  readonly #movedAtGrouping: Float64Array;
  /** One element each: steps recorded, and groupings made. */
  readonly #steps = new Int32Array(1);
  readonly #grouping = new Int32Array(1);

  /** @param count Atoms of the dictionary. */
  constructor(count: number) {
    this.moved = new Float64Array(count);
    this.#movedAtGrouping = new Float64Array(count);
    this.groups = atomGroups(count);
    this.groupMoved = new Float64Array(this.groups.count);
  }

  /**
   * A number that changes with every grouping. What is known of a group holds for one grouping
   * only.
   */
  get grouping(): number {
    return this.#grouping[0]!;
  }

  /**
   * The complete state, by name. A checkpoint saves it, restores it in place, and then calls
   * `restored`.
   */
  arrays(): Readonly<Record<string, Float32Array | Float64Array | Int32Array>> {
    return {
      moved: this.moved,
      group_moved: this.groupMoved,
      all_moved: this.allMoved,
      order: this.groups.order,
      moved_at_grouping: this.#movedAtGrouping,
      moves: this.#steps,
      grouping: this.#grouping,
    };
  }

  /** To be called after `arrays` have been restored. */
  restored(): void {
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
    this.allMoved[0]! += Math.max(...most);
    this.#steps[0]!++;
    const steps = this.#steps[0]!;
    const isPowerOfTwo = (steps & (steps - 1)) === 0;
    if (steps % REGROUP_EVERY === 0 || (steps < REGROUP_EVERY && isPowerOfTwo)) this.#regroup();
  }

  /** Records that every atom may have moved by 2, the largest distance between unit rows. */
  jump(): void {
    for (let atom = 0; atom < this.moved.length; atom++) this.moved[atom]! += 2;
    for (let g = 0; g < this.groupMoved.length; g++) this.groupMoved[g]! += 2;
    this.allMoved[0]! += 2;
  }

  /** Sorts the atoms by how far they have moved since the last grouping. */
  #regroup(): void {
    const since = this.moved.map((moved, atom) => moved - this.#movedAtGrouping[atom]!);
    this.#movedAtGrouping.set(this.moved);
    this.groups.order.sort((a, b) => since[a]! - since[b]! || a - b);
    this.#grouping[0]!++;
    regroup(this.groups);
  }
}
