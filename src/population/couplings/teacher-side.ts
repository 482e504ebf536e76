/** @file A moving average of a member's atoms, which others are pulled towards. */

import { type Checkpointable, copyArrays, type SavedState } from "../../base/checkpointable.ts";
import { Movement } from "../../consistency/matching/movement.ts";
import { PackedAtoms } from "../../consistency/matching/packed-atoms.ts";
import type { Atoms } from "../../sae/trainable.ts";
import type { Population, PopulationMember } from "../population.ts";
import type { Side } from "./side.ts";

/** float32 cannot tell where an atom is more exactly than this. */
const ROUNDING = 1e-6;

/**
 * The teacher t of an atom u: t ← normalise(m t + (1 − m) u) in every step, m the momentum. It
 * begins as the member does, and begins anew when the member starts again. Nothing pulls it.
 */
export class TeacherSide implements Side, Checkpointable {
  readonly member: number;
  readonly movement: Movement;
  readonly packed: PackedAtoms;
  /** The step that it last followed; undefined: none yet. */
  #followedAt: number | undefined;
  readonly #of: PopulationMember;
  readonly #momentum: number;
  readonly #unit: Float32Array;
  readonly #stepMoved: Float32Array;

  /** @param momentum From 0, where it is the member itself, to below 1. */
  constructor({ backend, members }: Population, member: number, momentum: number) {
    this.member = member;
    this.#of = members[member]!;
    this.#momentum = momentum;
    const { count, d } = this.#of.sae.dictionary();
    this.#unit = backend.float32(count * d);
    this.#stepMoved = backend.float32(count);
    this.movement = new Movement(count);
    this.packed = new PackedAtoms(backend, this.#unit, this.movement.groups.order);
  }

  get restartedAt(): number {
    return this.#of.reinitialisedAt;
  }

  atoms(): Atoms {
    const { count, d } = this.#of.sae.dictionary();
    return { unit: this.#unit, count, d, parameter: undefined };
  }

  /** Takes one step towards the member's atoms as they are before `step`. */
  follow(step: number): void {
    const at = this.#followedAt;
    this.#followedAt = step;
    const { unit, count, d } = this.#of.sae.dictionary();
    if (at === undefined || this.restartedAt >= at) {
      this.#unit.set(unit);
      if (at !== undefined) this.movement.jump();
      return;
    }
    const m = this.#momentum;
    const next = new Float64Array(d);
    for (let f = 0; f < count; f++) {
      let squares = 0;
      for (let k = 0; k < d; k++) {
        next[k] = m * this.#unit[f * d + k]! + (1 - m) * unit[f * d + k]!;
        squares += next[k]! ** 2;
      }
      // An average of opposite atoms has no direction: the teacher stays.
      if (!(squares > 0)) continue;
      const scale = 1 / Math.sqrt(squares);
      let change = 0;
      for (let k = 0; k < d; k++) {
        const value = Math.fround(next[k]! * scale);
        change += (value - this.#unit[f * d + k]!) ** 2;
        this.#unit[f * d + k] = value;
      }
      this.#stepMoved[f] = Math.sqrt(change) * (1 + ROUNDING) + ROUNDING;
    }
    this.movement.record(this.#stepMoved);
  }

  save(): SavedState {
    const { arrays, json } = this.movement.save();
    const moved = Object.entries(arrays).map(([name, array]) => [`movement.${name}`, array]);
    return {
      arrays: { unit: this.#unit, ...Object.fromEntries(moved) },
      json: { movement: json, followed_at: this.#followedAt ?? null },
    };
  }

  load(state: SavedState): void {
    const { followed_at: at, movement } = state.json;
    copyArrays(this.save().arrays, state.arrays);
    const { arrays } = this.movement.save();
    this.movement.load({ arrays, json: movement as SavedState["json"] });
    this.#followedAt = typeof at === "number" ? at : undefined;
  }
}
