/** @file Where each latent is active, by latent: what a judge is asked about, and its control. */

import { integerAt, type RandomStream } from "../../../base/philox.ts";

/** Activations that are not 0, those of latent i from indptr[i] to indptr[i + 1], by row. */
export interface Activations {
  /** [latents + 1] */
  readonly indptr: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** One latent's activations that are not 0, by row. */
export interface LatentActivations {
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** The activations of one latent, sharing memory. */
export function activationsOf({ indptr, rows, values }: Activations, i: number): LatentActivations {
  const [from, to] = [indptr[i]!, indptr[i + 1]!];
  return { rows: rows.subarray(from, to), values: values.subarray(from, to) };
}

/**
 * The control: the same activations in other rows. All move on by one number of rows, and what
 * leaves at the end comes in at the beginning. So how often and how densely a latent is active
 * stays, and what it has to do with the text is gone. Rows on either side of `heldOutFrom` stay
 * there.
 *
 * @param rows   All rows.
 * @param stream Decides how far, between a quarter and three quarters of each side.
 */
export function shifted(
  { rows, values }: LatentActivations,
  { rows: all, heldOutFrom }: { readonly rows: number; readonly heldOutFrom: number },
  stream: RandomStream,
): LatentActivations {
  const by = [heldOutFrom, all - heldOutFrom].map((count, side) => {
    const quarter = Math.floor(count / 4);
    return quarter + integerAt(stream, side, Math.max(1, 2 * quarter));
  });
  const moved = Array.from(rows, (row, i) => {
    const isHeldOut = row >= heldOutFrom;
    const from = isHeldOut ? heldOutFrom : 0;
    const count = isHeldOut ? all - heldOutFrom : heldOutFrom;
    return [from + ((row - from + by[isHeldOut ? 1 : 0]!) % count), values[i]!] as const;
  }).sort((a, b) => a[0] - b[0]);
  return {
    rows: Int32Array.from(moved, ([row]) => row),
    values: Float32Array.from(moved, ([, value]) => value),
  };
}
