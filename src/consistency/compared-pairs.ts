/**
 * @file Which pairs of many dictionaries are compared: all of them, or a random sample in which
 *   each dictionary takes part equally often.
 */

import { permutation, randomStream } from "../base/philox.ts";

/** Up to this many pairs, all are compared. Beyond, about this many are drawn. */
export const MOST_PAIRS = 2048;

/** The pairs to compare, and how many pairs exist. */
export interface ComparedPairs {
  /** In ascending order. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly of: number;
}

function ascending(pairs: (readonly [number, number])[]): (readonly [number, number])[] {
  return pairs.sort(([a, b], [c, d]) => a - c || b - d);
}

/** Every pair i < j of n. */
export function allPairs(n: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  return pairs;
}

/**
 * Pairs i < j of n dictionaries. Beyond `most`, the dictionaries are put in a random circle, and
 * each is paired with the next ⌊most / n⌋, at least one. Every pair is equally likely, so a mean
 * over the sample estimates the mean over all pairs.
 */
export function pairsAmong(n: number, seed: number, most = MOST_PAIRS): ComparedPairs {
  const of = (n * (n - 1)) / 2;
  if (of <= most) return { pairs: allPairs(n), of };
  const pairs: (readonly [number, number])[] = [];
  const circle = permutation(randomStream(seed, "compare/among"), n);
  const next = Math.max(1, Math.floor(most / n));
  for (const [at, a] of circle.entries())
    for (let step = 1; step <= next; step++) {
      const b = circle[(at + step) % n]!;
      pairs.push([Math.min(a, b), Math.max(a, b)]);
    }
  return { pairs: ascending(pairs), of };
}

/**
 * Pairs of one of n dictionaries and one of m others. Beyond `most`, each of the n is paired with
 * ⌊most / n⌋, as in `pairsAmong`.
 */
export function pairsBetween(n: number, m: number, seed: number, most = MOST_PAIRS): ComparedPairs {
  const of = n * m;
  const pairs: (readonly [number, number])[] = [];
  const each = of <= most ? m : Math.max(1, Math.floor(most / n));
  const [first, second] = [n, m].map((size, side) =>
    permutation(randomStream(seed, `compare/between/${side}`), size),
  );
  for (const [at, a] of first!.entries())
    for (let step = 0; step < each; step++) pairs.push([a, second![(at * each + step) % m]!]);
  return { pairs: ascending(pairs), of };
}
