/** @file How many dimensions the given rows fill, to be read next to d_sae. */

import type { Backend } from "../../backend/backend.ts";
import { type EffectiveRank, effectiveRank } from "../../linalg/effective-rank.ts";
import type { ArrayFile } from "../../sources/arrays/array-rows.ts";
import { openRows } from "../../sources/open-rows.ts";
import { rowReader } from "../../sources/rows/row-reader.ts";

const BATCH = 1024;
/** Bytes of stored input held in memory. */
const READ_BYTES = 4 * 2 ** 20;

/** The rows, and what they fill. */
export interface RankOfRows extends EffectiveRank {
  readonly rows: number;
  readonly dIn: number;
}

/**
 * The effective rank of the covariance of rows, in one pass over them.
 *
 * @param pause Called and awaited after each batch; what it throws ends the pass.
 * @returns Undefined for rows that do not vary.
 */
export async function rankOfRows(
  backend: Backend,
  input: ArrayFile,
  pause: () => Promise<void>,
): Promise<RankOfRows | undefined> {
  const { rows: stored } = await openRows(input, backend);
  try {
    const { rows: n, dIn: d } = stored;
    const reader = rowReader(stored, 0, n, READ_BYTES, backend);
    const x = backend.float32(Math.min(BATCH, n) * d);
    const product = backend.float32(d * d);
    const moments = new Float64Array(d * d);
    const sums = new Float64Array(d);
    // The first row as the origin: sums of squares far from zero would lose the covariance.
    let origin: Float32Array | undefined;
    for (let start = 0; start < n; start += BATCH) {
      const rows = Math.min(BATCH, n - start);
      const batch = x.subarray(0, rows * d);
      await reader.read(start, batch);
      origin ??= batch.slice(0, d);
      for (let i = 0; i < batch.length; i++) {
        batch[i]! -= origin[i % d]!;
        sums[i % d]! += batch[i]!;
      }
      const shape = { m: d, n: d, k: rows, transposeA: true };
      await backend.gemm({ a: batch, b: batch, c: product, ...shape });
      for (let i = 0; i < moments.length; i++) moments[i]! += product[i]!;
      await pause();
    }
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) moments[i * d + j]! -= (sums[i]! * sums[j]!) / n;
    const found = effectiveRank(moments, d);
    return found && { ...found, rows: n, dIn: d };
  } finally {
    await stored.close();
  }
}
