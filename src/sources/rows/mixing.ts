/**
 * @file Measures how well a shuffled order mixes, so that "shuffled" is a claim that can be
 *   checked. The ideal is one uniform permutation of all rows.
 */

import { sum } from "../../base/statistics/mean.ts";
import { expected } from "../../errors.ts";
import type { ShufflePlan } from "./shuffle-plan.ts";

/** The quality of the order of one pass over N rows. */
export interface Mixing {
  /**
   * Pearson correlation between a row's position in the store and its position in the order. It is
   * 1 when nothing is shuffled. The ideal is 0, with a standard deviation of 1/√(N − 1) from pass
   * to pass.
   */
  readonly positionCorrelation: number;
  /**
   * Chance that two different rows of a batch come from the same block (so, likely, from the same
   * few documents), averaged over the full batches.
   */
  readonly sameBlockShare: number;
  /**
   * What `sameBlockShare` would be for the ideal: Σ_b n_b (n_b − 1) / (N (N − 1)), n_b rows in
   * block b.
   */
  readonly idealSameBlockShare: number;
  /**
   * Mean distance in the order between rows that are neighbours in the store, over its expectation
   * for the ideal, (N + 1)/3. Ideal 1; 3/(N + 1) when nothing is shuffled; about the share of the
   * store that is in memory at a time for a block shuffle.
   */
  readonly neighbourSpread: number;
}

/** The layout that an order is measured against. */
export interface MixingOptions {
  /** Consecutive rows per block of the store. */
  readonly rowsPerBlock: number;
  readonly batchRows: number;
}

/**
 * Measures an order.
 *
 * @param order Store rows in the order served, a permutation of 0 … N − 1: what a source really
 *   served, or `servedOrder` of a plan.
 * @throws {ConcordError} when there is no full batch of at least 2 rows.
 */
export function measureMixing(
  order: Int32Array,
  { rowsPerBlock, batchRows }: MixingOptions,
): Mixing {
  const n = order.length;
  if (!Number.isInteger(batchRows) || batchRows < 2 || batchRows > n)
    throw expected("batchRows", `an integer from 2 to ${n}`, batchRows);
  const middle = (n - 1) / 2;
  const positions = new Int32Array(n);
  let covariance = 0;
  for (let t = 0; t < n; t++) {
    positions[order[t]!] = t;
    covariance += (t - middle) * (order[t]! - middle);
  }
  let distance = 0;
  for (let row = 1; row < n; row++) distance += Math.abs(positions[row]! - positions[row - 1]!);
  return {
    positionCorrelation: covariance / ((n * (n * n - 1)) / 12),
    sameBlockShare: sameBlockShare(order, rowsPerBlock, batchRows),
    idealSameBlockShare: pairShare(blockSizes(n, rowsPerBlock)),
    neighbourSpread: distance / (n - 1) / ((n + 1) / 3),
  };
}

/**
 * What `measureMixing` gives for a plan on average over passes, without drawing one: a batch is
 * taken to lie inside one generation. Rows at the seam of two blocks are left out of
 * `neighbourSpread`.
 */
export function expectedMixing(plan: ShufflePlan): Mixing {
  let same = 0;
  let spread = 0;
  for (let index = 0; index < plan.generations; index++) {
    const { blocks, rows } = plan.generation(0, index);
    same += (rows / plan.rows) * pairShare(Array.from(blocks, plan.rowsIn));
    spread += (rows / plan.rows) * ((rows + 1) / (plan.rows + 1));
  }
  return {
    positionCorrelation: 0,
    sameBlockShare: same,
    idealSameBlockShare: pairShare(blockSizes(plan.rows, plan.rowsPerBlock)),
    neighbourSpread: spread,
  };
}

/** A mixing quality in the form of a run's record: four digits of the averages over passes. */
export function mixingFacts(mixing: Mixing): Readonly<Record<string, number>> {
  const { sameBlockShare, idealSameBlockShare, neighbourSpread } = mixing;
  const four = (value: number): number => Number(value.toPrecision(4));
  return {
    sameBlockShare: four(sameBlockShare),
    idealSameBlockShare: four(idealSameBlockShare),
    neighbourSpread: four(neighbourSpread),
  };
}

function sameBlockShare(order: Int32Array, rowsPerBlock: number, batchRows: number): number {
  const batches = Math.floor(order.length / batchRows);
  let share = 0;
  for (let batch = 0; batch < batches; batch++) {
    const counts = new Map<number, number>();
    for (const row of order.subarray(batch * batchRows, (batch + 1) * batchRows)) {
      const block = Math.floor(row / rowsPerBlock);
      counts.set(block, (counts.get(block) ?? 0) + 1);
    }
    share += pairShare([...counts.values()]) / batches;
  }
  return share;
}

/**
 * Chance that two different rows drawn from groups of these sizes come from the same group; 1 for a
 * single row.
 */
function pairShare(sizes: readonly number[]): number {
  const n = sum(sizes);
  return n < 2 ? 1 : sizes.reduce((sum, size) => sum + size * (size - 1), 0) / (n * (n - 1));
}

function blockSizes(rows: number, rowsPerBlock: number): number[] {
  return Array.from({ length: Math.ceil(rows / rowsPerBlock) }, (_, b) =>
    Math.min(rowsPerBlock, rows - b * rowsPerBlock),
  );
}
