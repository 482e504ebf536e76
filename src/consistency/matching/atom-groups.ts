/** @file The atoms of a dictionary in a few groups, so that a search can leave groups out. */

/** What `searchTopK` requires: groups of a multiple of 32 atoms, and at most 32 groups. */
const WHOLE = 32;
const MOST = 32;

/** Groups of `size` neighbours in `order`; the last group may be smaller. */
export interface AtomGroups {
  /** The atom at each place, [atoms]. */
  readonly order: Int32Array;
  readonly size: number;
  /** The number of groups. */
  readonly count: number;
  /** The group of each atom. */
  readonly groupOf: Int32Array;
}

/** Groups of `atoms` atoms, in ascending order at first. Call `regroup` after changing `order`. */
export function atomGroups(atoms: number): AtomGroups {
  const size = WHOLE * Math.ceil(atoms / (WHOLE * MOST));
  const order = Int32Array.from({ length: atoms }, (_, atom) => atom);
  const groups = { order, size, count: Math.ceil(atoms / size), groupOf: new Int32Array(atoms) };
  regroup(groups);
  return groups;
}

/** Brings `groupOf` up to date with `order`. */
export function regroup({ order, size, groupOf }: AtomGroups): void {
  for (const [place, atom] of order.entries()) groupOf[atom] = Math.floor(place / size);
}
