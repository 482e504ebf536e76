/** @file Memory that comparing and matching take, from the sizes of the dictionaries. */

import type { Backend } from "../../backend/backend.ts";
import { CANDIDATES, ROWS_AT_ONCE } from "./candidates.ts";
import { COMPLETE_PAIRS } from "./one-to-one.ts";
import { COMPLETE_SCORES } from "./scored-assignment.ts";

/** Groups of columns that a row keeps its reach into, at most; see atom-groups.ts. */
const GROUPS = 32;

/**
 * Bytes per row of two dictionaries of width d: the atoms and reaches of up to half of the rows,
 * when no others look for partners.
 */
function bytesOfFew(d: number): number {
  return (4 * (d + GROUPS)) / 2;
}

/** Bytes of a graph of candidates for n rows, with those of a search and those that are merged. */
function graphBytes(n: number): number {
  return 3 * 8 * n * CANDIDATES;
}

/** What comparing dictionaries [n, d] and [m, d] takes, and the two of a null of that shape. */
function comparisonBytes(
  backend: Backend,
  { n, m, d }: { readonly n: number; readonly m: number; readonly d: number },
): { readonly nulls: number; readonly scratch: number } {
  const { bytes: packed } = backend.encoderPacking({
    dIn: d,
    dSae: m,
    k: Math.min(m, CANDIDATES),
  });
  const cosines = 4 * Math.min(n, ROWS_AT_ONCE) * (m + d);
  const reach = n * (4 * GROUPS + bytesOfFew(d));
  return { nulls: 4 * (n + m) * d, scratch: packed + graphBytes(n) + cosines + reach };
}

/**
 * What one matching of two dictionaries of up to `count` atoms takes in a step of training. One
 * number is for a moment, the other for the packed atoms that are kept (0 where every pair is a
 * candidate).
 */
export function stepMatchingBytes(
  backend: Backend,
  { count, d }: { readonly count: number; readonly d: number },
): { readonly scratch: number; readonly packed: number } {
  if (count * count <= COMPLETE_PAIRS) return { scratch: 4 * count * count, packed: 0 };
  const { bytes: packed } = backend.encoderPacking({ dIn: d, dSae: count, k: CANDIDATES });
  return { scratch: graphBytes(count) + count * bytesOfFew(d), packed };
}

/**
 * Matchings between two collections of garbage: of two dictionaries, and three times of random ones
 * of their shapes.
 */
export const MATCHINGS_PER_PAIR = 4;

/**
 * What comparing every two dictionaries of some sizes takes, and each with one of `truth` atoms. It
 * is the random dictionaries of a null, and what one matching allocates.
 *
 * @param counts Atoms of each dictionary. @param truth 0: there is none.
 */
export function comparingBytes(
  backend: Backend,
  counts: readonly number[],
  truth: number,
  d: number,
): { readonly nulls: number; readonly scratch: number } {
  const widths = [...new Set(counts)];
  const others = (counts.length > 1 ? [...widths, truth] : [truth]).filter((m) => m > 0);
  const each = widths.flatMap((n) => others.map((m) => comparisonBytes(backend, { n, m, d })));
  return {
    nulls: Math.max(0, ...each.map(({ nulls }) => nulls)),
    scratch: Math.max(0, ...each.map(({ scratch }) => scratch)),
  };
}

/**
 * What comparing the same dictionaries modulo a group takes at once: the larger one in every pose,
 * the null's two, and scores of two poses.
 *
 * @param size Poses of the group.
 */
export function moduloBytes(
  counts: readonly number[],
  truth: number,
  d: number,
  size: number,
): number {
  const most = Math.max(truth, ...counts);
  return 4 * ((size + 3) * most * d + 2 * Math.min(most * most, COMPLETE_SCORES));
}
