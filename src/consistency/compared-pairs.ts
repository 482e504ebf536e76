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

/** Says which dictionaries are replicates of one setting: equal answers. */
type GroupOf = (index: number) => unknown;

/** Indices 0 … n − 1 by group, groups in the order in which they first occur. */
function byGroup(n: number, groupOf: GroupOf): number[][] {
  const groups = new Map<unknown, number[]>();
  for (let i = 0; i < n; i++) {
    const members = groups.get(groupOf(i));
    if (members) members.push(i);
    else groups.set(groupOf(i), [i]);
  }
  return [...groups.values()];
}

/** Pairs each of `members`, in a random circle, with the next `steps`, or with all others. */
function around(
  members: readonly number[],
  steps: number,
  seed: number,
  name: string,
): (readonly [number, number])[] {
  const n = members.length;
  if (2 * steps >= n - 1) return allPairs(n).map(([i, j]) => [members[i]!, members[j]!]);
  const circle = permutation(randomStream(seed, name), n);
  return Array.from(circle).flatMap((a, at) =>
    Array.from({ length: steps }, (_, step): readonly [number, number] => {
      const [i, j] = [members[a]!, members[circle[(at + step + 1) % n]!]!];
      return [Math.min(i, j), Math.max(i, j)];
    }),
  );
}

/**
 * Pairs i < j of n dictionaries. Beyond `most`, the dictionaries are put in a random circle, and
 * each is paired with the next ⌊most / n⌋, at least one. Every pair is equally likely, so a mean
 * over the sample estimates the mean over all pairs.
 *
 * @param groupOf With several groups, the pairs inside groups come first: all of them, or one
 *   random circle per group. Pairs of different groups fill what is left of `most`.
 */
export function pairsAmong(
  n: number,
  seed: number,
  most = MOST_PAIRS,
  groupOf: GroupOf = () => undefined,
): ComparedPairs {
  const of = (n * (n - 1)) / 2;
  if (of <= most) return { pairs: allPairs(n), of };
  const groups = byGroup(n, groupOf);
  const steps = Math.max(1, Math.floor(most / n));
  if (groups.length === 1)
    return { pairs: ascending(around(groups[0]!, steps, seed, "compare/among")), of };
  const within = groups.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  const pairs = groups.flatMap((members, g) =>
    around(members, within <= most ? members.length : steps, seed, `compare/among/${g}`),
  );
  const stepsLeft = Math.floor((most - pairs.length) / n);
  if (stepsLeft < 1) return { pairs: ascending(pairs), of };
  const everyone = Array.from({ length: n }, (_, i) => i);
  const between = around(everyone, stepsLeft, seed, "compare/among").filter(
    ([i, j]) => groupOf(i) !== groupOf(j),
  );
  return { pairs: ascending([...pairs, ...between]), of };
}

/**
 * Pairs of one of n dictionaries and one of m others. Beyond `most`, each of the n is paired with
 * ⌊most / n⌋ of them, as in `pairsAmong`; those of its own group come first.
 */
export function pairsBetween(
  n: number,
  m: number,
  seed: number,
  most = MOST_PAIRS,
  groupOf: GroupOf = () => undefined,
  groupOfOther: GroupOf = () => undefined,
): ComparedPairs {
  const of = n * m;
  const each = of <= most ? m : Math.max(1, Math.floor(most / n));
  const [first, second] = [n, m].map((size, side) =>
    Array.from(permutation(randomStream(seed, `compare/between/${side}`), size)),
  );
  const pairs = byGroup(n, (at) => groupOf(first![at]!)).flatMap((places) => {
    const group = groupOf(first![places[0]!]!);
    const own = second!.filter((other) => groupOfOther(other) === group);
    const rest = second!.filter((other) => groupOfOther(other) !== group);
    const fromOwn = Math.min(each, own.length);
    return places.flatMap((at) =>
      [
        { others: own, count: fromOwn },
        { others: rest, count: each - fromOwn },
      ].flatMap(({ others, count }) =>
        Array.from({ length: count }, (_, step): readonly [number, number] => [
          first![at]!,
          others[(at * count + step) % others.length]!,
        ]),
      ),
    );
  });
  return { pairs: ascending(pairs), of };
}
