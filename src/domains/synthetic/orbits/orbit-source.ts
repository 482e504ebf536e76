/**
 * @file A source of orbits: its action, its rows, and what SAEs are told of them. With a `wrong`
 *   action, rows follow an action that the features do not: M'_k M_p Σ c_i d_i, M' drawn apart.
 */

import type { Backend } from "../../../backend/backend.ts";
import { randomStream } from "../../../base/philox.ts";
import { ShapeError } from "../../../errors.ts";
import type { RowReader } from "../../../sources/source.ts";
import type { Symmetry } from "../../../sources/symmetry.ts";
import { fitAction } from "../../../symmetry/fit-action.ts";
import type { FiniteGroup } from "../../../symmetry/group.ts";
import { orbitsOf } from "../../../symmetry/orbits.ts";
import type { FillRows } from "../row-filler.ts";
import {
  type FilledOrbitOptions,
  firstPose,
  type MovedFeatures,
  movedFeatures,
  orbitFiller,
  requireWholeOrbits,
  variantFillers,
} from "./orbit-rows.ts";
import { movedRows, regularAction } from "./regular-action.ts";

/** What is known of rows in orbits, whatever SAEs are told. */
export interface TrueOrbits {
  /** Poses of an orbit. */
  readonly size: number;
  /** The action that features follow, [size, d_in, d_in]. */
  readonly matrices: Float32Array;
  /** Held-out rows in whole orbits of that action; the same as those of the source unless wrong. */
  readonly heldOut: RowReader;
}

/** What a source of orbits serves. */
export interface OrbitParts {
  readonly symmetry: Symmetry;
  readonly orbits: TrueOrbits;
  readonly fresh: FillRows;
  readonly fillHeldOut: FillRows;
  /**
   * Of fitted matrices, on orbits of their own: R² by element, and ‖M^n − I‖ / √d_in by generator
   * of order n.
   */
  readonly actionFit?: Readonly<Record<string, object>>;
  /** Float32 elements that are held. */
  readonly held: number;
}

/** Held-out rows as a filler writes them. */
export function heldOutReader(fill: FillRows, dIn: number, rows: number): RowReader {
  return {
    rows,
    async read(start, out) {
      const end = start + out.length / dIn;
      if (start < 0 || end > rows)
        throw new ShapeError("synthetic held-out rows", `rows 0 to ${rows}`, `${start} to ${end}`);
      await fill(start, out);
    },
  };
}

/** Rows in orbits of the action that the features follow. */
function trueOrbits(
  backend: Backend,
  o: FilledOrbitOptions,
  { group, moved }: MovedFeatures,
  split: string,
): FillRows {
  const { size, products } = group;
  const first = firstPose(o, split, size, o.representative === "random");
  return orbitFiller(backend, {
    dIn: o.dIn,
    size,
    variants: variantFillers(backend, o, moved, split),
    variantsOf: (orbit) => {
      const p = first(orbit);
      return Array.from({ length: size }, (_, k) => products[k * size + p]!);
    },
  });
}

/** One row of each orbit, in a pose that is drawn once. */
function onePoseEach(
  backend: Backend,
  o: FilledOrbitOptions,
  { group, moved }: MovedFeatures,
  split: string,
): FillRows {
  const pose = firstPose(o, split, group.size, true);
  return orbitFiller(backend, {
    dIn: o.dIn,
    size: 1,
    variants: variantFillers(backend, o, moved, split),
    variantsOf: (orbit) => [pose(orbit)],
  });
}

/** Orbits of another action on the same features in their true poses. */
async function wrongOrbits(
  backend: Backend,
  o: FilledOrbitOptions,
  { group, moved }: MovedFeatures,
  wrong: Float32Array,
): Promise<(split: string) => FillRows> {
  const { size } = group;
  const directions: Float32Array[] = [];
  for (let k = 0; k < size; k++)
    for (const features of moved) {
      const matrix = wrong.subarray(k * o.dIn ** 2, (k + 1) * o.dIn ** 2);
      directions.push(await movedRows(backend, matrix, features, o.features, o.dIn));
    }
  return (split) => {
    const first = firstPose(o, split, size, o.representative === "random");
    return orbitFiller(backend, {
      dIn: o.dIn,
      size,
      variants: variantFillers(backend, o, directions, split),
      variantsOf: (orbit) => {
        const p = first(orbit);
        return Array.from({ length: size }, (_, k) => k * size + p);
      },
    });
  };
}

/** Orbits that matrices are fitted to, and those that the fit is measured on. */
const FITTED_ORBITS = 4096;
const MEASURED_ORBITS = 512;

/** What SAEs are told of the group. */
type Told = Pick<OrbitParts, "symmetry" | "actionFit">;

/** The true symmetry, or what fitting M and its powers to rows of its own makes of it. */
async function toldSymmetry(
  backend: Backend,
  o: FilledOrbitOptions,
  truth: MovedFeatures,
): Promise<Told> {
  const { group, matrices } = truth;
  const { name, size, products } = group;
  if (o.action === "exact") return { symmetry: { group: name, size, matrices, isExact: true } };
  const fill = trueOrbits(backend, { ...o, representative: "fixed" }, truth, "fit");
  const rows = backend.float32((FITTED_ORBITS + MEASURED_ORBITS) * size * o.dIn);
  await fill(0, rows);
  const end = FITTED_ORBITS * size * o.dIn;
  const all = orbitsOf(rows.subarray(0, end), size, o.dIn);
  const apart = orbitsOf(rows.subarray(end), size, o.dIn);
  const { matrices: fitted, diagnostics } = await fitAction(backend, group, all, apart);
  return {
    symmetry: { group: name, size, products, matrices: fitted, isExact: false },
    actionFit: {
      r2: Object.fromEntries(diagnostics.elements.map(({ name: word, r2 }) => [word, r2])),
      closure: Object.fromEntries(diagnostics.generators.map((g) => [g.name, g.closure])),
    },
  };
}

/** The action that is said to move rows, and that does not. */
function wrongAction(backend: Backend, o: FilledOrbitOptions, group: FiniteGroup) {
  return regularAction(backend, group, o.dIn, randomStream(o.seed, "synthetic/wrong action"));
}

/**
 * Makes the rows of a source of orbits.
 *
 * @param features   The true features, [features, d_in]: each in the pose that counts as its own.
 * @param trainSplit Names the draws of training rows.
 * @throws {ConcordError} naming the option that does not fit the group.
 */
export async function orbitParts(
  backend: Backend,
  o: FilledOrbitOptions,
  features: Float32Array,
  trainSplit: string,
): Promise<OrbitParts> {
  const truth = await movedFeatures(backend, o, features, "action");
  const { group, matrices } = truth;
  const { size } = group;
  requireWholeOrbits(o, size);
  const heldOut = trueOrbits(backend, o, truth, "held-out");
  const orbits = { size, matrices, heldOut: heldOutReader(heldOut, o.dIn, o.heldOutRows) };
  const held = size * (o.dIn ** 2 + o.features * o.dIn);
  if (o.action === "wrong") {
    const wrong = await wrongAction(backend, o, group);
    const fillers = await wrongOrbits(backend, o, truth, wrong);
    return {
      symmetry: { group: `${group.name} (wrong action)`, size, matrices: wrong, isExact: true },
      orbits,
      fresh: fillers(trainSplit),
      fillHeldOut: fillers("held-out"),
      held: held * (1 + size),
    };
  }
  const told = await toldSymmetry(backend, o, truth);
  if (o.poses === "one")
    return {
      ...told,
      symmetry: { ...told.symmetry, onlyHeldOut: true },
      orbits,
      fresh: onePoseEach(backend, o, truth, trainSplit),
      fillHeldOut: heldOut,
      held,
    };
  return {
    ...told,
    orbits,
    fresh: trueOrbits(backend, o, truth, trainSplit),
    fillHeldOut: heldOut,
    held,
  };
}
