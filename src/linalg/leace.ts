/**
 * @file LEACE, the affine map that leaves no linear trace of a concept and changes rows least
 *   (Belrose et al. 2023, arXiv:2306.03819, theorem 4.3), for a concept of two classes.
 *
 *   x ↦ x − σ · (σᵀ Σ⁺ (x − μ)) / (σᵀ Σ⁺ σ)
 *
 * Σ is the covariance of x, σ its covariance with the class, and μ its mean.
 */

import { symmetricEigen } from "./symmetric-eigen.ts";

/** A concept taken out along one direction: x ↦ x − left · (right · (x − mean)). */
export interface Eraser {
  /** [d] */
  readonly left: Float64Array;
  /** [d] */
  readonly right: Float64Array;
  /** [d] */
  readonly mean: Float64Array;
}

/** Second moments of rows and their classes. */
interface Moments {
  readonly mean: Float64Array;
  /** Σ (x − mean)(x − mean)ᵀ, [d, d]. */
  readonly square: Float64Array;
  /** Σ (x − mean)(class − its mean), [d]. */
  readonly cross: Float64Array;
}

function momentsOf(rows: Float32Array, labels: Uint8Array): Moments {
  const n = labels.length;
  const d = rows.length / n;
  const mean = new Float64Array(d);
  for (let at = 0; at < rows.length; at++) mean[at % d]! += rows[at]! / n;
  const share = labels.reduce((sum, label) => sum + label / n, 0);
  const square = new Float64Array(d * d);
  const cross = new Float64Array(d);
  const centred = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) centred[j] = rows[i * d + j]! - mean[j]!;
    for (let j = 0; j < d; j++) {
      const value = centred[j]!;
      cross[j]! += value * (labels[i]! - share);
      for (let k = 0; k <= j; k++) square[j * d + k]! += value * centred[k]!;
    }
  }
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) square[k * d + j] = square[j * d + k]!;
  return { mean, square, cross };
}

/**
 * Optimal linear shrinkage of a sample covariance towards its mean variance (Bodnar, Gupta and
 * Parolya 2014, arXiv:1308.2608): α S + (1 − α) tr(S)/d · I, 1 − α = (tr(S)²/n) / (‖S‖² −
 * tr(S)²/d), at most 1.
 */
function shrunk(covariance: Float64Array, d: number, n: number): Float64Array {
  let trace = 0;
  for (let j = 0; j < d; j++) trace += covariance[j * d + j]!;
  const squares = covariance.reduce((sum, v) => sum + v * v, 0);
  const part = Math.min(1, trace ** 2 / n / (squares - trace ** 2 / d));
  return covariance.map((v, at) => {
    const onDiagonal = at % (d + 1) === 0 ? (part * trace) / d : 0;
    return (1 - part) * v + onDiagonal;
  });
}

/**
 * Fits LEACE to rows of two classes.
 *
 * @param rows       [n, d]
 * @param labels     [n], 0 or 1; both occur.
 * @param shrinkage  Whether Σ is shrunk, as the package `concept-erasure` does by default: for
 *   fewer rows than some ten times the dimensions. Without it held-out rows keep more of the
 *   concept.
 * @returns An eraser whose `right` is zero where the classes have the same mean.
 */
export function fitLeace(rows: Float32Array, labels: Uint8Array, shrinkage = true): Eraser {
  const n = labels.length;
  const { mean, square, cross } = momentsOf(rows, labels);
  const d = mean.length;
  const covariance = shrinkage
    ? shrunk(
        square.map((v) => v / n),
        d,
        n,
      )
    : square.map((v) => v / (n - 1));
  const { values, vectors } = symmetricEigen(covariance, d);
  // The threshold of a pseudo-inverse in double precision.
  const least = Math.max(values[0]!, 0) * d * Number.EPSILON;
  /** Σ⁺ σ, and the part of σ in the range of Σ. */
  const [right, left] = [new Float64Array(d), new Float64Array(d)];
  let strength = 0;
  for (let i = 0; i < d; i++) {
    if (values[i]! <= least) continue;
    const vector = vectors.subarray(i * d, (i + 1) * d);
    const along = vector.reduce((sum, v, j) => sum + v * cross[j]!, 0);
    strength += along ** 2 / values[i]!;
    for (let j = 0; j < d; j++) {
      right[j]! += (along / values[i]!) * vector[j]!;
      left[j]! += along * vector[j]!;
    }
  }
  const scale = strength > 0 ? 1 / strength : 0;
  return { left, right: right.map((v) => v * scale), mean };
}

/** Projects out the difference of two class means: left = right, a unit vector. */
export function fitMeanDifference(rows: Float32Array, labels: Uint8Array): Eraser {
  const n = labels.length;
  const d = rows.length / n;
  const mean = new Float64Array(d);
  const difference = new Float64Array(d);
  const ones = labels.reduce((sum, label) => sum + label, 0);
  for (let at = 0; at < rows.length; at++) {
    mean[at % d]! += rows[at]! / n;
    difference[at % d]! +=
      labels[Math.floor(at / d)] === 1 ? rows[at]! / ones : -rows[at]! / (n - ones);
  }
  const length = Math.hypot(...difference) || 1;
  const unit = difference.map((v) => v / length);
  return { left: unit, right: unit, mean };
}

/**
 * Applies an eraser.
 *
 * @param rows [n, d]; not changed.
 */
export function erased(rows: Float32Array, { left, right, mean }: Eraser): Float32Array {
  const out = rows.slice();
  const d = mean.length;
  for (let start = 0; start < rows.length; start += d) {
    let along = 0;
    for (let j = 0; j < d; j++) along += right[j]! * (rows[start + j]! - mean[j]!);
    for (let j = 0; j < d; j++) out[start + j]! -= along * left[j]!;
  }
  return out;
}
