/**
 * @file What can be done to one latent in the activations that its SAE reads. A change adds so much
 *   of its decoder row to each row. Everything else stays, the SAE's error too.
 */

import { normalizeEachRow, type RowNormalization, rowScales } from "../base/row-normalization.ts";
import type { Sae, SaeRunner } from "./sae.ts";

/**
 * A change of a latent z with decoder row d:
 *
 *   add     x + value · d, whatever z is
 *   clamp   x + (value − z) · d, as if z were `value`
 *   scale   x + (value − 1) z · d, as if z were `value` times as large; 0 ablates it
 */
export interface Intervention {
  readonly kind: "add" | "clamp" | "scale";
  /** In units of the latent's activation; for `scale` a factor. */
  readonly value: number;
}

/**
 * How often a direction is added to each of some rows.
 *
 * @param rows [count, d_in], as they come.
 * @returns [count]
 */
export type Amounts = (rows: Float32Array, count: number) => Promise<Float64Array>;

/** What one step of a normalised row is in the row as it comes, [count]. */
export function scalesOf(
  rows: Float32Array,
  count: number,
  kind: RowNormalization | undefined,
): Float64Array {
  if (kind === undefined) return new Float64Array(count).fill(1);
  const scales = rowScales(count);
  normalizeEachRow(kind, rows, rows.length / count, new Float32Array(rows.length), scales);
  return scales.scale;
}

/**
 * The same amount for every row.
 *
 * @param kind What is done to a row before the SAE reads it: the direction is of such rows.
 */
export function addingAmounts(value: number, kind: RowNormalization | undefined): Amounts {
  return async (rows, count) => scalesOf(rows, count, kind).map((scale) => value * scale);
}

/**
 * The amounts of an intervention on a latent. All latents are encoded, because which of them are
 * active decides whether this one is.
 *
 * @param runner Of `sae`, for as many rows at a time as it takes.
 * @param batch  Rows that the runner takes at a time.
 */
export function interventionAmounts(
  sae: Sae,
  runner: SaeRunner,
  batch: number,
  latent: number,
  { kind, value }: Intervention,
): Amounts {
  const { dIn, rowNormalization } = sae;
  if (kind === "add") return addingAmounts(value, rowNormalization);
  const change = (z: number) => (kind === "clamp" ? value - z : (value - 1) * z);
  return async (rows, count) => {
    const scales = scalesOf(rows, count, rowNormalization);
    const amounts = new Float64Array(count);
    for (let start = 0; start < count; start += batch) {
      const some = Math.min(batch, count - start);
      const part = rows.subarray(start * dIn, (start + some) * dIn);
      const { indptr, indices, values } = await runner.encode(part, some);
      for (let row = 0; row < some; row++) {
        let z = 0;
        for (let e = indptr[row]!; e < indptr[row + 1]!; e++)
          if (indices[e] === latent) z = values[e]!;
        amounts[start + row] = change(z) * scales[start + row]!;
      }
    }
    return amounts;
  };
}
