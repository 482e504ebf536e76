/** @file The activations of a latent in the rows of one fragment, zeros included. */

import type { LatentActivations } from "../activations.ts";

/** Activations in the rows [start, start + length). */
export function inFragment(
  { rows, values }: LatentActivations,
  start: number,
  length: number,
): Float32Array {
  const dense = new Float32Array(length);
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (rows[middle]! < start) from = middle + 1;
    else to = middle;
  }
  for (; from < rows.length && rows[from]! < start + length; from++)
    dense[rows[from]! - start] = values[from]!;
  return dense;
}

/**
 * The places of a fragment on which a latent is active, and as many others, evenly spread: right
 * and wrong marks.
 *
 * @returns undefined where fewer others are left.
 */
export function marksOf(
  values: ArrayLike<number>,
): { readonly right: number[]; readonly wrong: number[] } | undefined {
  const places = Array.from({ length: values.length }, (_, i) => i);
  const right = places.filter((i) => values[i]! > 0);
  const others = places.filter((i) => values[i] === 0);
  if (others.length < right.length) return undefined;
  const at = (i: number) => Math.floor(((i + 0.5) * others.length) / right.length);
  return { right, wrong: right.map((_, i) => others[at(i)]!) };
}
