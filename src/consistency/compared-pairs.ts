/**
 * @file Which pairs of many dictionaries are compared: all, or a random sample in which each
 *   dictionary takes part equally often.
 */

import { permutation, randomStream } from "../base/philox.ts";

/** Up to so many pairs are all compared; beyond, about so many are drawn. */
export const MOST_PAIRS = 2048;

/** The pairs to compare, and how many there are in all. */
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
 * Pairs i < j of n dictionaries. Beyond `most`, they are put in a circle at random, and each is
 * paired with the next ⌊most / n⌋, at least one: every pair is equally likely, so that means over
 * the sample estimate those over all pairs.
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
 * Pairs of one of n dictionaries and one of m others, as `pairsAmong`: beyond `most`, each of the n
 * is paired with ⌊most / n⌋.
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
