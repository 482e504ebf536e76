/**
 * @file Maps between the activations of two places, fitted on rows of the same tokens. With them
 *   the SAE of one place can be tried on the activations of another.
 *
 * Independently trained models hold the same features in rotated bases ("Polymorphism is rotation",
 * arXiv:2605.24577). Raw cosines of decoders are then not evidence, and a rotation makes an SAE
 * usable again.
 */

import { leastSquaresMap } from "../../linalg/least-squares.ts";
import { transposed } from "../../linalg/multiply.ts";
import type { PairedMoments } from "../../linalg/paired-moments.ts";
import { procrustes } from "../../linalg/procrustes.ts";

/** A map from x [n] to y [m], and one back: y ≈ mean_y + (x − mean_x) there. */
export interface SpaceMap {
  readonly meanX: Float32Array;
  readonly meanY: Float32Array;
  /** [n, m] */
  readonly there: Float32Array;
  /** [m, n] */
  readonly back: Float32Array;
}

/** Rank and condition number of the rows that a map was fitted on. */
export interface Conditioning {
  readonly rank: number;
  readonly condition: number;
}

/** The maps between two places, from the first to the second. */
export interface TransferMaps {
  /** An orthogonal map; back is its transpose. */
  readonly procrustes: SpaceMap;
  /**
   * The orthogonal map times √(tr C_y / tr C_x), C the covariances; back is the inverse on its
   * range. Without the factor, an SAE of a place with shorter rows sees them too long.
   */
  readonly scaled: SpaceMap;
  /** Least squares in each direction. */
  readonly affine: SpaceMap;
  /** Of the rows of x and of y. */
  readonly conditioning: readonly [Conditioning, Conditioning];
}

/**
 * Fits the maps on gathered moments.
 *
 * @param x     Moments of (x, x); `y` of (y, y).
 * @param cross Moments of (x, y).
 */
export function fitTransferMaps(
  x: PairedMoments,
  y: PairedMoments,
  cross: PairedMoments,
  n: number,
  m: number,
): TransferMaps {
  const means = cross.means();
  const meanX = Float32Array.from(means.x);
  const meanY = Float32Array.from(means.y);
  const together = cross.covariance();
  const rotation = procrustes(together, n, m);
  const [ofX, ofY] = [x.covariance(), y.covariance()];
  const there = leastSquaresMap(ofX, together, n, m);
  const back = leastSquaresMap(ofY, transposed(together, n, m), m, n);
  const ratio = Math.sqrt(trace(ofY, m) / trace(ofX, n));
  // Constant rows have no length that a factor could keep.
  const factor = Number.isFinite(ratio) && ratio > 0 ? ratio : 1;
  return {
    procrustes: {
      meanX,
      meanY,
      there: Float32Array.from(rotation),
      back: Float32Array.from(transposed(rotation, n, m)),
    },
    scaled: {
      meanX,
      meanY,
      there: Float32Array.from(rotation, (v) => v * factor),
      back: Float32Array.from(transposed(rotation, n, m), (v) => v / factor),
    },
    affine: {
      meanX,
      meanY,
      there: Float32Array.from(there.map),
      back: Float32Array.from(back.map),
    },
    conditioning: [there, back].map(({ rank, condition }) => ({ rank, condition })) as [
      Conditioning,
      Conditioning,
    ],
  };
}

/** Sum of the diagonal of a matrix [n, n]. */
function trace(matrix: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += matrix[i * n + i]!;
  return sum;
}

/** The same map from y to x. */
export function reversed({ meanX, meanY, there, back }: SpaceMap): SpaceMap {
  return { meanX: meanY, meanY: meanX, there: back, back: there };
}
