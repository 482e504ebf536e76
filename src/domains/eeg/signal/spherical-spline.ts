/** @file Interpolation between electrodes over the whole scalp, by splines on a sphere. */

import { ConcordError, expected } from "../../../errors.ts";
import type { Point3 } from "./electrodes.ts";

export interface SphericalSplineOptions {
  /**
   * Added to the spline's value at distance 0, so that neighbouring electrodes with unlike values,
   * or two in one place, do not make the map swing. Default 1e-5, as in MNE; 0 passes through every
   * value.
   */
  readonly smoothing?: number;
}

/** Of m in the series: curvature is penalised to this order. */
const STIFFNESS = 4;
/** Terms of the series; the next is below 1e-14 of the first. */
const TERMS = 50;
/** (2n + 1) / (n(n + 1))⁴ by n; 0 is not a term. */
const COEFFICIENTS = Float64Array.from({ length: TERMS + 1 }, (_, n) =>
  n === 0 ? 0 : (2 * n + 1) / (n * (n + 1)) ** STIFFNESS,
);

/**
 * The spline's kernel: what an electrode contributes at an angle from itself whose cosine is x.
 *
 *   g(x) = 1/4π · Σ (2n + 1) / (n(n + 1))⁴ · Pₙ(x),   n = 1 … 50,   Pₙ the Legendre polynomials
 */
export function splineKernel(x: number): number {
  let [before, now] = [1, x];
  let sum = 0;
  for (let n = 1; n <= TERMS; n++) {
    sum += COEFFICIENTS[n]! * now;
    [before, now] = [now, ((2 * n + 1) * x * now - n * before) / (n + 1)];
  }
  return sum / (4 * Math.PI);
}

/**
 * Weights with which values at electrodes give values at other points of the scalp.
 *
 *   v(p) = c₀ + Σ cᵢ g(p · eᵢ),   with c from  v(eᵢ) + smoothing · cᵢ = vᵢ  and  Σ cᵢ = 0
 *
 * so v(pₖ) = Σᵢ weights[k, i] vᵢ; each row of weights sums to 1.
 *
 * @param electrodes Directions from the middle of the head; their lengths do not matter. At least
 *   one.
 * @param points     The same, of the points wanted.
 * @returns [points × electrodes], row-major.
 * @throws {ConcordError} when an electrode or point is the middle itself, and for two electrodes in
 *   one place without smoothing.
 * @see Perrin, Pernier, Bertrand and Echallier 1989, "Spherical splines for scalp potential and
 *   current density mapping", Electroencephalogr. Clin. Neurophysiol. 72, 184–187. The constants
 *   are MNE-Python's, which the golden numbers come from.
 */
export function sphericalSpline(
  electrodes: readonly Point3[],
  points: readonly Point3[],
  options: SphericalSplineOptions = {},
): Float64Array {
  const { smoothing = 1e-5 } = options;
  if (!(smoothing >= 0)) throw expected("smoothing", "a number ≥ 0", smoothing);
  const n = electrodes.length;
  if (n === 0) throw expected("electrodes", "at least one", n);
  const from = electrodes.map(direction);
  const size = n + 1;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix[i * size + j] = splineKernel(cosine(from[i]!, from[j]!));
    matrix[i * size + i] = matrix[i * size + i]! + smoothing;
    matrix[i * size + n] = 1;
    matrix[n * size + i] = 1;
  }
  // The matrix is its own transpose, so a row of weights solves it for that point's kernels.
  const solve = factored(matrix, size);
  const weights = new Float64Array(points.length * n);
  const row = new Float64Array(size);
  for (const [k, point] of points.entries()) {
    const to = direction(point);
    for (let i = 0; i < n; i++) row[i] = splineKernel(cosine(to, from[i]!));
    row[n] = 1;
    solve(row);
    weights.set(row.subarray(0, n), k * n);
  }
  return weights;
}

function direction(point: Point3): Point3 {
  const length = Math.hypot(...point);
  if (!(length > 0))
    throw expected("point", "a direction from the middle of the head", `[${point.join(", ")}]`);
  return [point[0] / length, point[1] / length, point[2] / length];
}

function cosine(a: Point3, b: Point3): number {
  return Math.max(-1, Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
}

/**
 * Factors a square matrix in place (Gaussian elimination, largest pivot of the column). @returns
 * Solves for one side, in place.
 */
function factored(a: Float64Array, n: number): (b: Float64Array) => void {
  const swaps = new Int32Array(n);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++)
      if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
    if (!(Math.abs(a[pivot * n + k]!) > 1e-13))
      throw new ConcordError("argument/invalid", "Two electrodes are in one place.", {
        hint: "Leave one of them out, or allow some smoothing.",
      });
    swaps[k] = pivot;
    for (let j = 0; j < n; j++) {
      const kept = a[k * n + j]!;
      a[k * n + j] = a[pivot * n + j]!;
      a[pivot * n + j] = kept;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      a[i * n + k] = factor;
      for (let j = k + 1; j < n; j++) a[i * n + j] = a[i * n + j]! - factor * a[k * n + j]!;
    }
  }
  return (b) => {
    for (let k = 0; k < n; k++) {
      const pivot = swaps[k]!;
      const value = b[pivot]!;
      b[pivot] = b[k]!;
      b[k] = value;
    }
    for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) b[i] = b[i]! - a[i * n + j]! * b[j]!;
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) b[i] = b[i]! - a[i * n + j]! * b[j]!;
      b[i] = b[i]! / a[i * n + i]!;
    }
  };
}
