/** @file The groups that a config can name. */

import { ConcordError } from "../errors.ts";
import { type FiniteGroup, finiteGroup, type GroupGenerator } from "./group.ts";

const cycle = (name: string, n: number): GroupGenerator => ({
  name,
  permutation: Array.from({ length: n }, (_, i) => (i + 1) % n),
});
const reflection = (n: number): GroupGenerator => ({
  name: "f",
  permutation: Array.from({ length: n }, (_, i) => (n - i) % n),
});
const swap = (n: number): GroupGenerator => ({
  name: "s",
  permutation: Array.from({ length: n }, (_, i) => (i < 2 ? 1 - i : i)),
});

interface NamedGroups {
  readonly pattern: RegExp;
  readonly most: number;
  readonly make: (name: string, n: number) => FiniteGroup;
}

/** Each with its pattern, and the largest n. */
const GROUPS: readonly NamedGroups[] = [
  { pattern: /^c(\d+)$/, most: 360, make: (name, n) => finiteGroup(name, [cycle("r", n)]) },
  {
    pattern: /^d(\d+)$/,
    most: 180,
    // Two points cannot tell a half turn from a reflection.
    make: (name, n) =>
      n === 2
        ? finiteGroup(name, [
            { name: "r", permutation: [1, 0, 2, 3] },
            { name: "f", permutation: [0, 1, 3, 2] },
          ])
        : finiteGroup(name, [cycle("r", n), reflection(n)]),
  },
  {
    pattern: /^flip$/,
    most: 0,
    make: (name) => finiteGroup(name, [{ name: "f", permutation: [1, 0] }]),
  },
  {
    pattern: /^translations-(\d+)$/,
    most: 1024,
    make: (name, n) => finiteGroup(name, [cycle("t", n)]),
  },
  {
    pattern: /^permutations-(\d+)$/,
    most: 6,
    make: (name, n) => finiteGroup(name, n > 2 ? [cycle("c", n), swap(n)] : [swap(n)]),
  },
];

/** What a config may name, for docs and messages. */
export const GROUP_NAMES =
  "c<n> (turns by 1/n), d<n> (turns and a reflection), flip, translations-<n> (cyclic shifts), permutations-<n> (n up to 6)";

/**
 * A group by its name.
 *
 * @throws {ConcordError} "argument/invalid" listing what is known.
 * @example groupNamed("d4").names // e, r, r², r³, f, r f, f r², f r
 */
export function groupNamed(name: string): FiniteGroup {
  for (const { pattern, most, make } of GROUPS) {
    const found = pattern.exec(name);
    const n = Number(found?.[1] ?? 0);
    if (found && (most === 0 || (n >= 2 && n <= most))) return make(name, n);
  }
  throw new ConcordError(
    "argument/invalid",
    `${JSON.stringify(name)} is not a group that is known.`,
    {
      hint: `Known are ${GROUP_NAMES}. Others can be given by generators.`,
    },
  );
}
