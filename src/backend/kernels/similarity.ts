/**
 * @file Kernels that compare dictionaries, match their atoms and pull them together; see
 *   native/include/concord/similarity.hpp.
 */

/** Arguments of `bestMatches`: two dictionaries, and room for each atom's nearest in the other. */
export interface BestMatches {
  /** Rows of length one, [n, d] and [m, d]. */
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly n: number;
  readonly m: number;
  readonly d: number;
  /**
   * Largest cosine of each row of a, and the row of b that has it, ties to the lower index; and the
   * reverse.
   */
  readonly bestOfA: Float32Array;
  readonly partnerOfA: Int32Array;
  readonly bestOfB: Float32Array;
  readonly partnerOfB: Int32Array;
}

/**
 * A linear assignment problem on a graph of candidate pairs; see
 * native/include/concord/similarity.hpp.
 */
export interface Assign {
  /** Rows and columns, n ≤ m. */
  readonly n: number;
  readonly m: number;
  readonly indptr: Int32Array;
  /** Default: every row lists every column. */
  readonly columns?: Int32Array | undefined;
  readonly similarity: Float32Array;
  /**
   * What is known of pairs outside the graph: similarity − start_c ≤ bound_r. Only guides which
   * duals are returned.
   */
  readonly bound?: Float32Array | undefined;
  readonly start?: Float64Array | undefined;
  /**
   * Column duals [m], in and out. Start with zeros when n < m; otherwise they are returned with
   * mean zero. On return u_r + v_c ≥ similarity on the graph, with equality where assigned.
   */
  readonly v: Float64Array;
  readonly u: Float64Array;
  /**
   * [n]. Least slack u_r + v_c − similarity over a row's candidates other than its own; 0 without
   * one.
   */
  readonly margin: Float64Array;
  /** [n]; −1 where the graph does not allow an assignment of all rows. */
  readonly columnOfRow: Int32Array;
}

/**
 * Arguments of `pullRows`: the gradient of Σ weight · cosine with respect to the parameter whose
 * normalised rows are `unit`.
 */
export interface PullRows {
  readonly unit: Float32Array;
  /** Default: the unit rows themselves are the parameter. */
  readonly parameter?: Float32Array | undefined;
  readonly dSae: number;
  readonly dIn: number;
  /** Edges of each latent, CSR [d_sae + 1]: the partner dictionary, its row, and the weight. */
  readonly indptr: Int32Array;
  readonly partner: Int32Array;
  readonly row: Int32Array;
  readonly weight: Float32Array;
  readonly partners: readonly Float32Array[];
  readonly out: Float32Array;
}

/**
 * Arguments of `raiseReach`: which groups of columns may hold a better one for a row; see
 * `ColumnGroups`.
 */
export interface RaiseReach {
  /** [rows, groups], in and out: byRow_r + byGroup_g is added, as far as they are given. */
  readonly reach: Float32Array;
  readonly rows: number;
  /** At most 32. */
  readonly groups: number;
  readonly byRow?: Float32Array | undefined;
  readonly byGroup?: Float32Array | undefined;
  readonly level: Float32Array;
  /** [rows]: bit g is set where reach[r, g] then exceeds level_r, or is NaN. */
  readonly above: Int32Array;
  /** The largest reach of each row afterwards, [rows]. */
  readonly most: Float32Array;
}

/** Arguments of `pairedDots`: out_i = ⟨a_i, b[index_i]⟩; without `index`, row i of both. */
export interface PairedDots {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly index?: Int32Array | undefined;
  readonly count: number;
  readonly d: number;
  readonly out: Float32Array;
}

/** Comparing dictionaries. */
export interface SimilarityKernels {
  bestMatches(args: BestMatches): Promise<void>;
  /**
   * Finds the assignment with the largest total similarity.
   *
   * @returns How many rows the graph left without a column.
   */
  assign(args: Assign): Promise<number>;
  pullRows(args: PullRows): Promise<void>;
  /** @returns How many rows have a group above their level. */
  raiseReach(args: RaiseReach): Promise<number>;
  pairedDots(args: PairedDots): Promise<void>;
}
