/**
 * @file How the rows of a source move under a finite group. A source with a symmetry serves whole
 *   orbits: what one thing gives in each of its poses, one row after another.
 */

/** A finite group that acts on what the rows are made from, and its action on rows. */
export interface Symmetry {
  /** The group's name for people: `c4`. */
  readonly group: string;
  /**
   * Rows of an orbit, which is the number of poses. Rows [i · size, (i + 1) · size) are one orbit,
   * in streams and in held-out rows. The first is the canonical pose.
   */
  readonly size: number;
  /**
   * By pose, the matrix that takes the canonical row there: row_k ≈ matrices[k] · row_0,
   * [size, d_in, d_in], row-major. The first is the identity.
   */
  readonly matrices: Float32Array;
  /**
   * Pose of k · j at [k · size + j]. Left out: what the matrices say, which only those that act as
   * the group can.
   */
  readonly products?: Int32Array;
  /** True when the matrices are exact; false when they were fitted to rows. */
  readonly isExact: boolean;
  /**
   * True when held-out rows alone come in orbits. Each row that trains is of an orbit of its own,
   * in a pose that was drawn.
   */
  readonly onlyHeldOut?: boolean;
}

/** The symmetry of the rows that train; undefined where these are not whole orbits. */
export function trainingSymmetry(symmetry: Symmetry | undefined): Symmetry | undefined {
  return symmetry?.onlyHeldOut ? undefined : symmetry;
}
