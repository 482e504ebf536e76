/**
 * @file The matrices by which a group acts on rows, by least squares. M minimises
 *   Σ‖M a_j − a_{k·j}‖² over orbits and poses, without an intercept.
 *
 * From the canonical pose alone (`trainOnAllK: false`), M is undetermined outside the span of
 * canonical rows: its powers then fail. By default every pair (pose j, pose k · j) counts.
 */

import type { Backend } from "../backend/backend.ts";
import { leastSquaresMap } from "../linalg/least-squares.ts";
import { transposed } from "../linalg/multiply.ts";
import { procrustes } from "../linalg/procrustes.ts";
import { elementOf, type FiniteGroup } from "./group.ts";
import type { Orbits } from "./orbits.ts";

/** Moments of pairs (x, y) = (a_j, a_{k·j}), about zero. */
interface Moments {
  /** Σ x xᵀ, [d, d]. */
  readonly square: Float64Array;
  /** Σ x yᵀ, [d, d]. */
  readonly cross: Float64Array;
}

/** Orbits whose products are summed in float32 before they are added in float64. */
const ORBITS_AT_A_TIME = 256;

/** Copies rows of one pose of some orbits, [count, d]. */
function poseOf(
  { rows, d, size }: Orbits,
  pose: number,
  from: number,
  count: number,
): Float32Array {
  const out = new Float32Array(count * d);
  for (let o = 0; o < count; o++) {
    const at = ((from + o) * size + pose) * d;
    out.set(rows.subarray(at, at + d), o * d);
  }
  return out;
}

async function momentsOf(
  backend: Backend,
  { size, products }: FiniteGroup,
  orbits: Orbits,
  element: number,
  poses: readonly number[],
): Promise<Moments> {
  const { d, count } = orbits;
  const square = new Float64Array(d * d);
  const cross = new Float64Array(d * d);
  const c = backend.float32(d * d);
  for (let from = 0; from < count; from += ORBITS_AT_A_TIME) {
    const part = Math.min(ORBITS_AT_A_TIME, count - from);
    for (const j of poses) {
      const x = poseOf(orbits, j, from, part);
      const y = poseOf(orbits, products[element * size + j]!, from, part);
      const sizes = { m: d, n: d, k: part, transposeA: true, c, beta: 0 };
      await backend.gemm({ a: x, b: x, ...sizes });
      for (let i = 0; i < c.length; i++) square[i]! += c[i]!;
      await backend.gemm({ a: x, b: y, ...sizes });
      for (let i = 0; i < c.length; i++) cross[i]! += c[i]!;
    }
  }
  return { square, cross };
}

/** A fitted matrix of an element, and how well rows determine it. */
export interface FittedMatrix {
  /** [d, d]: a_{k·j} ≈ matrix · a_j. */
  readonly matrix: Float64Array;
  /** The orthogonal matrix that does so best, [d, d]: orthogonal Procrustes. */
  readonly orthogonal: Float64Array;
  /** Directions in which rows vary; below d, the matrix says nothing about the others. */
  readonly rank: number;
}

/**
 * Fits the matrix of one element.
 *
 * @param trainOnAllK Whether every pose counts, or only the canonical one.
 */
export async function fitElement(
  backend: Backend,
  group: FiniteGroup,
  orbits: Orbits,
  element: number,
  trainOnAllK: boolean,
): Promise<FittedMatrix> {
  const { d } = orbits;
  const poses = trainOnAllK ? Array.from({ length: group.size }, (_, j) => j) : [0];
  const { square, cross } = await momentsOf(backend, group, orbits, element, poses);
  const { map, rank } = leastSquaresMap(square, cross, d, d);
  const orthogonal = transposed(procrustes(cross, d, d), d, d);
  return { matrix: transposed(map, d, d), orthogonal, rank };
}

/** Fits the matrices of all generators. */
export async function fitGenerators(
  backend: Backend,
  group: FiniteGroup,
  orbits: Orbits,
  trainOnAllK: boolean,
): Promise<FittedMatrix[]> {
  const fitted: FittedMatrix[] = [];
  for (const i of group.generators.keys())
    fitted.push(await fitElement(backend, group, orbits, elementOf(group, i), trainOnAllK));
  return fitted;
}
