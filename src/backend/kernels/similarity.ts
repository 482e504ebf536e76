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
   * Largest cosine of each row of a, and the row of b that has it (the lowest of equals); and the
   * other way round.
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
  /** Undefined: every row lists every column. */
  readonly columns?: Int32Array | undefined;
  readonly similarity: Float32Array;
  /**
   * What is known of pairs outside the graph: similarity − start_c ≤ bound_r. Only guides which
   * duals are returned.
   */
  readonly bound?: Float32Array | undefined;
  readonly start?: Float64Array | undefined;
  /**
   * Column duals [m], in and out; zeros when n < m, else returned with mean zero. On return u_r +
   * v_c ≥ similarity on the graph, equal where assigned.
   */
  readonly v: Float64Array;
  readonly u: Float64Array;
  /**
   * Least slack u_r + v_c − similarity of a row's candidates other than its own, [n]; 0 without
   * one.
   */
  readonly margin: Float64Array;
  /** [n]; −1 where the graph has no assignment for all rows. */
  readonly columnOfRow: Int32Array;
}

/** Gradient of Σ weight · cosine with respect to the parameter whose normalised rows are `unit`. */
export interface PullRows {
  readonly unit: Float32Array;
  /** Undefined: the rows are the parameter, of length one. */
  readonly parameter?: Float32Array | undefined;
  readonly dSae: number;
  readonly dIn: number;
  /**
   * Edges of each latent, CSR [d_sae + 1]: which partner dictionary, which of its rows, with what
   * weight.
   */
  readonly indptr: Int32Array;
  readonly partner: Int32Array;
  readonly row: Int32Array;
  readonly weight: Float32Array;
  readonly partners: readonly Float32Array[];
  readonly out: Float32Array;
}

/** Which groups of columns may hold more for a row than it has; see `ColumnGroups`. */
export interface RaiseReach {
  /** [rows, groups], in and out: byRow_r + byGroup_g is added, each if there is one. */
  readonly reach: Float32Array;
  readonly rows: number;
  /** 32 at most. */
  readonly groups: number;
  readonly byRow?: Float32Array | undefined;
  readonly byGroup?: Float32Array | undefined;
  readonly level: Float32Array;
  /** [rows]: bit g where reach[r, g] is now not at most level_r. */
  readonly above: Int32Array;
  /** Largest reach of each row now, [rows]. */
  readonly most: Float32Array;
}

/** out_i = ⟨a_i, b[index_i]⟩; without `index`, row i of both. */
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
   * The assignment with the largest total similarity. @returns How many rows the graph left without
   * a column.
   */
  assign(args: Assign): Promise<number>;
  pullRows(args: PullRows): Promise<void>;
  /** @returns How many rows have a group above their level. */
  raiseReach(args: RaiseReach): Promise<number>;
  pairedDots(args: PairedDots): Promise<void>;
}
