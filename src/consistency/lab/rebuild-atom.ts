/**
 * @file The smallest set of another dictionary's atoms that rebuilds a direction, by orthogonal
 *   matching pursuit (Pati, Rezaiifar and Krishnaprasad 1993). The atom that fits best what is
 *   left joins, then all coefficients are fitted again.
 *
 * The set is the pursuit's, and near the smallest; the smallest itself is hard to find. With more
 * atoms than dimensions, d_in atoms rebuild everything, so the number needed only says something
 * next to that of random directions.
 */

import type { Backend } from "../../backend/backend.ts";
import type { Dictionary } from "../matching/dictionary.ts";

/** One step of the pursuit. */
export interface RebuiltStep {
  /** The atom that joined. */
  readonly atom: number;
  /** Cosine of the direction and its rebuilding from all atoms so far; it never falls. */
  readonly cosine: number;
}

/** The directions to be rebuilt, [count, d], of length one. */
export interface Directions {
  readonly unit: Float32Array;
  readonly count: number;
}

interface Pursuit {
  /** What no atom so far explains, [d]; part of a matrix. */
  readonly residual: Float32Array;
  readonly basis: Float64Array[];
  readonly steps: RebuiltStep[];
}

/** Takes the part along `atom` out of the residual, after those that were taken before. */
function join(pursuit: Pursuit, atom: Float32Array, index: number): void {
  const next = Float64Array.from(atom);
  for (let pass = 0; pass < 2; pass++)
    for (const known of pursuit.basis) {
      const dot = next.reduce((sum, v, i) => sum + v * known[i]!, 0);
      for (let i = 0; i < next.length; i++) next[i]! -= dot * known[i]!;
    }
  const length = Math.hypot(...next);
  if (length > 1e-6) {
    for (let i = 0; i < next.length; i++) next[i]! /= length;
    const { residual } = pursuit;
    const dot = next.reduce((sum, v, i) => sum + v * residual[i]!, 0);
    for (let i = 0; i < next.length; i++) residual[i]! -= dot * next[i]!;
    pursuit.basis.push(next);
  }
  const left = pursuit.residual.reduce((sum, v) => sum + v * v, 0);
  pursuit.steps.push({ atom: index, cosine: Math.sqrt(Math.max(0, 1 - left)) });
}

function largest(scores: Float32Array, taken: readonly RebuiltStep[]): number {
  let best = -1;
  for (let i = 0; i < scores.length; i++) {
    const isLarger = best < 0 || Math.abs(scores[i]!) > Math.abs(scores[best]!);
    if (isLarger && !taken.some(({ atom }) => atom === i)) best = i;
  }
  return best;
}

/**
 * Rebuilds directions from at most `most` atoms each. Coefficients may be negative.
 *
 * @returns For each direction the atoms in the order in which they joined; fewer than `most` only
 *   where the dictionary has fewer.
 */
export async function rebuildFrom(
  backend: Backend,
  { unit, count }: Directions,
  atoms: Dictionary,
  most: number,
): Promise<RebuiltStep[][]> {
  const { d, count: n } = atoms;
  const residuals = backend.float32(count * d);
  residuals.set(unit);
  const pursuits = Array.from({ length: count }, (_, i): Pursuit => {
    return { residual: residuals.subarray(i * d, (i + 1) * d), basis: [], steps: [] };
  });
  const scores = backend.float32(count * n);
  for (let step = 0; step < Math.min(most, n); step++) {
    const shape = { m: count, n, k: d, transposeB: true };
    await backend.gemm({ a: residuals, b: atoms.unit, c: scores, ...shape });
    for (const [i, pursuit] of pursuits.entries()) {
      const best = largest(scores.subarray(i * n, (i + 1) * n), pursuit.steps);
      join(pursuit, atoms.unit.subarray(best * d, (best + 1) * d), best);
    }
  }
  return pursuits.map(({ steps }) => steps);
}
