/**
 * @file Rows that come in orbits: what one sum of features gives in every pose of a group.
 *
 *   x_k = M_k M_p Σ_i c_i d_i + noise,   k = 0 … |G| − 1
 *
 * d_i are the true features and M the action (`regularAction`). p is the pose of the first row:
 * that of the features, or drawn once per orbit. Since an orbit is a function of its number, it has
 * the same p whenever it is read. The pose belongs to the row and not to the feature: all features
 * of an orbit are moved together.
 */

import type { Backend } from "../../../backend/backend.ts";
import { integerAt, randomStream } from "../../../base/philox.ts";
import { expected } from "../../../errors.ts";
import type { FiniteGroup } from "../../../symmetry/group.ts";
import { groupNamed } from "../../../symmetry/named-groups.ts";
import type { SyntheticOptions } from "../options.ts";
import { type FillRows, rowFiller } from "../row-filler.ts";
import { movedRows, regularAction } from "./regular-action.ts";

/** The options of a source of orbits, none of them left out. */
export type FilledOrbitOptions = SyntheticOptions &
  Required<Pick<SyntheticOptions, "group" | "action" | "representative" | "poses">>;

/** True features that a group moves. */
export interface MovedFeatures {
  readonly group: FiniteGroup;
  /** By element, the matrix that moves activations, [size, d_in, d_in]. */
  readonly matrices: Float32Array;
  /** By element, the moved features, [features, d_in]; the first are the features themselves. */
  readonly moved: readonly Float32Array[];
}

/**
 * Draws the action and moves the features by it.
 *
 * @param features [features, d_in]
 * @param basis    Names the draw of the action.
 */
export async function movedFeatures(
  backend: Backend,
  o: FilledOrbitOptions,
  features: Float32Array,
  basis: string,
): Promise<MovedFeatures> {
  const group = groupNamed(o.group);
  const stream = randomStream(o.seed, `synthetic/${basis}`);
  const matrices = await regularAction(backend, group, o.dIn, stream);
  const moved = [features];
  for (let g = 1; g < group.size; g++) {
    const matrix = matrices.subarray(g * o.dIn ** 2, (g + 1) * o.dIn ** 2);
    moved.push(await movedRows(backend, matrix, features, o.features, o.dIn));
  }
  return { group, matrices, moved };
}

/** @throws {ConcordError} naming the count of rows that is not one of whole orbits. */
export function requireWholeOrbits(o: FilledOrbitOptions, size: number): void {
  const whole = `a multiple of ${size}, the rows of an orbit of ${o.group}`;
  if (o.heldOutRows % size !== 0) throw expected("source.held_out_rows", whole, o.heldOutRows);
  if (o.poses === "all" && o.trainRows !== undefined && o.trainRows % size !== 0)
    throw expected("source.train_rows", whole, o.trainRows);
}

/** Rows of which each orbit has `shown` variants, and which it has by its number. */
interface OrbitLayout {
  readonly dIn: number;
  readonly size: number;
  /** Write the rows of all orbits in one variant each. */
  readonly variants: readonly FillRows[];
  /** The variants of an orbit in the order of its rows. */
  readonly variantsOf: (orbit: number) => readonly number[];
}

/** Rows of orbits: row r belongs to orbit ⌊r / size⌋. Any row can be the first or the last. */
export function orbitFiller(
  backend: Backend,
  { dIn, size, variants, variantsOf }: OrbitLayout,
): FillRows {
  let scratch = backend.float32(0);
  return async (start, out) => {
    const end = start + out.length / dIn;
    const first = Math.floor(start / size);
    const orbits = Math.ceil(end / size) - first;
    const wanted = Array.from({ length: orbits }, (_, i) => variantsOf(first + i));
    if (scratch.length < orbits * dIn) scratch = backend.float32(orbits * dIn);
    const block = scratch.subarray(0, orbits * dIn);
    for (const variant of new Set(wanted.flat())) {
      await variants[variant]!(first, block);
      for (const [i, order] of wanted.entries())
        for (const [k, own] of order.entries()) {
          const row = (first + i) * size + k - start;
          if (own !== variant || row < 0 || row >= end - start) continue;
          out.set(block.subarray(i * dIn, (i + 1) * dIn), row * dIn);
        }
    }
  };
}

/**
 * The pose of an orbit's first row, by the number of the orbit.
 *
 * @param isDrawn False: the identity.
 */
export function firstPose(
  { seed }: FilledOrbitOptions,
  split: string,
  size: number,
  isDrawn: boolean,
): (orbit: number) => number {
  const stream = randomStream(seed, `synthetic/${split}/poses`);
  return (orbit) => (isDrawn ? integerAt(stream, orbit, size) : 0);
}

/** Makes what writes Σ c_i f_i of orbits, for other directions f of the features. */
export function variantFillers(
  backend: Backend,
  o: FilledOrbitOptions,
  directions: readonly Float32Array[],
  split: string,
): FillRows[] {
  return directions.map((features, v) =>
    rowFiller(backend, o, { features, split, noiseName: `noise/${v}` }),
  );
}
