/**
 * @file How rows that a model makes move under a group: matrices by least squares on the rows that
 *   train, and how well they do on those that do not.
 */

import type { Backend } from "../../../backend/backend.ts";
import { openRows } from "../../../sources/open-rows.ts";
import { rowReader } from "../../../sources/rows/row-reader.ts";
import type { Symmetry } from "../../../sources/symmetry.ts";
import type { ActionDiagnostics } from "../../../symmetry/diagnose.ts";
import { fitAction } from "../../../symmetry/fit-action.ts";
import { type FiniteGroup, finiteGroup } from "../../../symmetry/group.ts";
import { type Orbits, orbitsOf } from "../../../symmetry/orbits.ts";
import {
  elementsOf,
  type GroupOptions,
  generators,
  type PixelMap,
} from "../groups/pixel-action.ts";

/** Numbers of rows, of each part, that matrices are fitted to and measured on. */
const MOST_NUMBERS = 2 ** 25;

/** A fitted symmetry, and what is known of it. */
export interface FittedSymmetry {
  readonly symmetry: Symmetry;
  /** On the rows that are held out. */
  readonly diagnostics: ActionDiagnostics;
}

/** A group on a small grid that it moves as it moves pictures, and the pose of each element. */
function groupOnGrid(options: GroupOptions): { group: FiniteGroup; poses: readonly number[] } {
  const side = options.group === "translations" ? (options.steps ?? 2) : 3;
  const keys = elementsOf(options, side, side).map(String);
  const made = generators(options, side, side);
  const names = options.group === "translations" ? ["x", "y"] : ["r", "f"];
  const named = made.map((map, i) => ({
    name: options.group === "flip" ? "f" : names[i]!,
    permutation: inverse(map),
  }));
  const group = finiteGroup(options.group, named);
  const identity = Int32Array.from({ length: side * side }, (_, p) => p);
  const poses = group.words.map((word) => {
    // The last letter acts first.
    const map = word.reduceRight<PixelMap>(
      (before, letter) => made[letter]!.map((from) => before[from]!),
      identity,
    );
    return keys.indexOf(String(map));
  });
  return { group, poses };
}

/** Where each pixel goes, from where each pixel comes. */
function inverse(map: PixelMap): number[] {
  const to = Array.from(map);
  for (const [p, from] of map.entries()) to[from] = p;
  return to;
}

/** Some orbits of a store, their poses in the order of the group's elements. */
async function readOrbits(
  folder: string,
  range: { readonly start: number; readonly rows: number },
  poses: readonly number[],
  backend: Backend,
): Promise<Orbits> {
  const { rows: stored } = await openRows({ path: folder }, backend);
  try {
    const { dIn } = stored;
    const size = poses.length;
    const most = Math.max(1, Math.floor(MOST_NUMBERS / (dIn * size)));
    const count = Math.min(most, range.rows / size);
    const read = new Float32Array(count * size * dIn);
    await rowReader(stored, range.start, range.rows, stored.scratchBytes, backend).read(0, read);
    const rows = backend.float32(read.length);
    for (let orbit = 0; orbit < count; orbit++)
      for (const [element, pose] of poses.entries()) {
        const from = (orbit * size + pose) * dIn;
        rows.set(read.subarray(from, from + dIn), (orbit * size + element) * dIn);
      }
    return orbitsOf(rows, size, dIn);
  } finally {
    await stored.close();
  }
}

/**
 * Fits the matrices of a group to the rows of a store.
 *
 * @param trainRows Rows in front, which matrices are fitted to; the others measure them.
 * @param heldOutRows How many others.
 */
export async function fittedSymmetry(
  folder: string,
  options: GroupOptions,
  { trainRows, heldOutRows }: { readonly trainRows: number; readonly heldOutRows: number },
  backend: Backend,
): Promise<FittedSymmetry> {
  const { group, poses } = groupOnGrid(options);
  const train = await readOrbits(folder, { start: 0, rows: trainRows }, poses, backend);
  const held = { start: trainRows, rows: heldOutRows };
  const heldOut = await readOrbits(folder, held, poses, backend);
  const { matrices: byElement, diagnostics } = await fitAction(backend, group, train, heldOut);
  const each = train.d ** 2;
  const matrices = new Float32Array(byElement.length);
  for (const [element, pose] of poses.entries())
    matrices.set(byElement.subarray(element * each, (element + 1) * each), pose * each);
  const symmetry = { group: options.group, size: group.size, matrices, isExact: false };
  return { symmetry, diagnostics };
}
