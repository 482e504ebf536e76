/** @file One of the two dictionaries that a coupling matches: a member's, or its teacher's. */

import type { Movement } from "../../consistency/matching/movement.ts";
import { PackedAtoms } from "../../consistency/matching/packed-atoms.ts";
import type { Atoms } from "../../sae/trainable.ts";
import type { Population } from "../population.ts";

/** A dictionary in training, as matching sees it. */
export interface Side {
  /** Index of the member that it is, or that it follows. */
  readonly member: number;
  readonly movement: Movement;
  /** Its atoms, packed for searches; renewed in every step. */
  readonly packed: PackedAtoms;
  atoms(): Atoms;
  /** Step in which its atoms were last drawn anew, or −∞. */
  readonly restartedAt: number;
}

/** The sides that are the members themselves, in their order. */
export function memberSides({ backend, members }: Population): Side[] {
  return members.map((one, member) => ({
    member,
    movement: one.movement,
    packed: new PackedAtoms(backend, one.sae.dictionary().unit, one.movement.groups.order),
    atoms: () => one.sae.dictionary(),
    get restartedAt() {
      return one.reinitialisedAt;
    },
  }));
}
