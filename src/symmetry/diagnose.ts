/**
 * @file How good the matrices of a group are: on orbits that they were not fitted on, as a
 *   representation of the group, and as matrices.
 */

import type { Backend } from "../backend/backend.ts";
import { type Eigenvalue, eigenvalues } from "../linalg/eigenvalues.ts";
import { multiply, transposed } from "../linalg/multiply.ts";
import { procrustes } from "../linalg/procrustes.ts";
import { singularValues } from "../linalg/singular-values.ts";
import { symmetricEigen } from "../linalg/symmetric-eigen.ts";
import { actionError, apart, identity } from "./action.ts";
import { elementOf, type FiniteGroup, orderOf } from "./group.ts";
import type { Orbits } from "./orbits.ts";

/** What is known of a generator's matrix M, of order n. */
export interface GeneratorDiagnostics {
  readonly name: string;
  readonly order: number;
  /** ‖M^n − I‖_F / √d. */
  readonly closure: number;
  /** Largest over smallest singular value; null where the smallest is 0. */
  readonly condition: number | null;
  /** See `eigenvalueAngles`; radians in [0, π], ascending, with how many eigenvalues have each. */
  readonly angles: readonly { readonly angle: number; readonly count: number }[] | null;
  /**
   * Eigenvalues of M itself. Where M acts as the group, they lie on the unit circle at multiples of
   * 2π/n. null above 512 dimensions, where they take long.
   */
  readonly eigenvalues: readonly Eigenvalue[] | null;
  /** R² of the best orthogonal matrix in its place; null where none was fitted. */
  readonly orthogonalR2: number | null;
}

/** What is known of the matrices of a group. */
export interface ActionDiagnostics {
  readonly group: string;
  readonly size: number;
  readonly dIn: number;
  /** Orbits that it was measured on. */
  readonly orbits: number;
  /** By element but the identity: its word, and R² over all pairs (pose j, pose k · j). */
  readonly elements: readonly { readonly name: string; readonly r2: number }[];
  readonly generators: readonly GeneratorDiagnostics[];
  /** ‖M_g M_j − M_{g·j}‖_F / √d, the largest. */
  readonly actionError: number;
}

/** Widest matrix whose eigenvalues are found. */
const EIGENVALUES_WIDTH_MAX = 512;

/** Angles are counted in steps of a degree. */
const DEGREE = Math.PI / 180;

/** A matrix whose nearest orthogonal one is further than this from being one has no angles. */
const ORTHOGONAL_TOLERANCE = 1e-3;

/**
 * Angles of the eigenvalues of the orthogonal matrix nearest to M [d, d], to the degree. Where M is
 * orthogonal they are its own. An orthogonal R is normal, so its angles are the arc cosines of the
 * eigenvalues of (R + Rᵀ) / 2.
 *
 * @returns null where rows left some directions of M undetermined, so that none is nearest.
 */
export function eigenvalueAngles(
  matrix: Float64Array,
  d: number,
): { readonly angle: number; readonly count: number }[] | null {
  const R = procrustes(matrix, d, d);
  const gram = multiply(transposed(R, d, d), R, [d, d, d]);
  if (apart(gram, identity(d)) > ORTHOGONAL_TOLERANCE) return null;
  const half = R.map((v, i) => (v + R[(i % d) * d + Math.floor(i / d)]!) / 2);
  const counts = new Map<number, number>();
  for (const cosine of symmetricEigen(half, d).values) {
    const degrees = Math.round(Math.acos(Math.max(-1, Math.min(1, cosine))) / DEGREE);
    counts.set(degrees, (counts.get(degrees) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([degrees, count]) => ({ angle: degrees * DEGREE, count }));
}

/**
 * R² of a matrix [d, d] as the action of an element, over all pairs (pose j, pose k · j):
 * 1 − Σ‖M a_j − a_{k·j}‖² / Σ‖a_{k·j} − mean‖².
 */
async function elementR2(
  backend: Backend,
  { products }: FiniteGroup,
  { rows, count, size, d }: Orbits,
  element: number,
  matrix: Float32Array,
): Promise<number> {
  const made = backend.float32(rows.length);
  const sizes = { m: count * size, n: d, k: d, transposeB: true, beta: 0 };
  await backend.gemm({ a: rows, b: matrix, c: made, ...sizes });
  const means = new Float64Array(d);
  for (let i = 0; i < rows.length; i++) means[i % d]! += rows[i]! / (count * size);
  let [error, whole] = [0, 0];
  for (let o = 0; o < count; o++)
    for (let j = 0; j < size; j++) {
      const from = (o * size + j) * d;
      const to = (o * size + products[element * size + j]!) * d;
      for (let i = 0; i < d; i++) {
        error += (made[from + i]! - rows[to + i]!) ** 2;
        whole += (rows[to + i]! - means[i]!) ** 2;
      }
    }
  return 1 - error / whole;
}

/**
 * Measures the matrices of a group.
 *
 * @param orbits Held out: not those that matrices were fitted on.
 * @param matrices By element, [size, d, d].
 * @param orthogonals Of each generator, where one was fitted, [d, d].
 */
export async function diagnoseAction(
  backend: Backend,
  group: FiniteGroup,
  orbits: Orbits,
  matrices: Float32Array,
  orthogonals: readonly Float64Array[] = [],
): Promise<ActionDiagnostics> {
  const { d } = orbits;
  const of = (k: number) => matrices.subarray(k * d * d, (k + 1) * d * d);
  const elements = [];
  for (let k = 1; k < group.size; k++)
    elements.push({
      name: group.names[k]!,
      r2: await elementR2(backend, group, orbits, k, of(k)),
    });
  const generators: GeneratorDiagnostics[] = [];
  for (const [i, { name }] of group.generators.entries()) {
    const element = elementOf(group, i);
    const matrix = Float64Array.from(of(element));
    const order = orderOf(group, element);
    let power: Float64Array = matrix;
    for (let n = 1; n < order; n++) power = multiply(matrix, power, [d, d, d]);
    const singular = singularValues(of(element), d, d);
    const orthogonal = orthogonals[i];
    generators.push({
      name,
      order,
      closure: apart(power, identity(d)),
      condition: singular[d - 1]! > 0 ? singular[0]! / singular[d - 1]! : null,
      angles: eigenvalueAngles(matrix, d),
      eigenvalues: (d <= EIGENVALUES_WIDTH_MAX && eigenvalues(matrix, d)) || null,
      orthogonalR2: orthogonal
        ? await elementR2(backend, group, orbits, element, Float32Array.from(orthogonal))
        : null,
    });
  }
  return {
    group: group.name,
    size: group.size,
    dIn: d,
    orbits: orbits.count,
    elements,
    generators,
    actionError: actionError(group, matrices),
  };
}
