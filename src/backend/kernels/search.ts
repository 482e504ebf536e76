/**
 * @file The search of matching: for each row of one matrix, its best partners among the rows of
 *   another. Those are called columns here. See native/include/concord/search.hpp.
 */

import type { EncoderPacking } from "./encode.ts";

/** What determines how columns are packed for `searchTopK`. */
export interface SearchShape {
  /** Width of rows and columns. */
  readonly d: number;
  readonly columnCount: number;
  /** Candidates per row. */
  readonly k: number;
}

/** The columns in an order of the caller's, so that a search can be limited to neighbours in it. */
export interface ColumnOrder {
  /** The column at each place, [columnCount]; default: ascending. */
  readonly order?: Int32Array | undefined;
}

/**
 * Columns in groups of neighbours, so that a row can search some groups only. A size is a multiple
 * of 32, and there are at most 32 groups; the last may be smaller.
 */
export interface ColumnGroups extends ColumnOrder {
  readonly size: number;
  /** Bit g of element r: row r searches group g, [count]; default: all. Needs a `floor`. */
  readonly wanted?: Int32Array | undefined;
  /**
   * [count, groups]. For a group that the row searched: an upper bound on the scores of its columns
   * that are not among the row's candidates. Other elements stay as they are.
   */
  readonly reach: Float32Array;
}

/** Arguments of `packColumns`. */
export interface PackColumns extends SearchShape, ColumnOrder {
  /** [columnCount, d] */
  readonly columns: Float32Array;
  readonly packed: Uint8Array;
}

/** Arguments of `searchTopK`: rows, the columns that they search, and room for the candidates. */
export interface SearchTopK extends SearchShape {
  /** [count, d] */
  readonly rows: Float32Array;
  readonly count: number;
  /** [columnCount, d] */
  readonly columns: Float32Array;
  /** What a column's scores are lowered by, [columnCount]; default: zeros. */
  readonly prices?: Float32Array | undefined;
  /** The columns as `packColumns` packed them, in the order of `groups`. */
  readonly packed: Uint8Array;
  /**
   * How many columns beyond k a screen in low precision may keep per row; any value gives the same
   * result.
   */
  readonly margin: number;
  /**
   * [count]. Scores of row r below floor_r do not count; a row with fewer than k others ends in
   * candidates −1 of score −∞.
   */
  readonly floor?: Float32Array | undefined;
  readonly groups: ColumnGroups;
  /** [count, k], in the order of the columns' places. */
  readonly candidates: Int32Array;
  /** [count, k] */
  readonly scores: Float32Array;
}

/** The search. */
export interface SearchKernels {
  searchPacking(shape: SearchShape): EncoderPacking;
  packColumns(args: PackColumns): Promise<void>;
  /**
   * The k columns with the largest scores ⟨row, column⟩ − price of every row, among the groups that
   * it searches, exactly as in float32. Of equal scores the lower place wins.
   *
   * @returns How many rows the screen could not certify and were computed again.
   * @throws {ConcordError} "numeric/not-finite" naming the first row that has a NaN among its
   *   scores, or, without `floor`, fewer than k above −∞.
   */
  searchTopK(args: SearchTopK): Promise<number>;
}
