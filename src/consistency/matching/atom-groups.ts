/** @file Atoms of a dictionary in a few groups, so that a search can leave groups out. */

/** As the top-k kernel takes them: groups of a multiple of 32 atoms, 32 groups at most. */
const WHOLE = 32;
const MOST = 32;

/** Atoms side by side in `order`, `size` to a group, the last one maybe smaller. */
export interface AtomGroups {
  /** [count of atoms] */
  readonly order: Int32Array;
  readonly size: number;
  /** How many groups there are. */
  readonly count: number;
  /** Group of each atom. */
  readonly groupOf: Int32Array;
}

/** Groups of `atoms` atoms, at first as they come; call `regroup` after changes of `order`. */
export function atomGroups(atoms: number): AtomGroups {
  const size = WHOLE * Math.ceil(atoms / (WHOLE * MOST));
  const order = Int32Array.from({ length: atoms }, (_, atom) => atom);
  const groups = { order, size, count: Math.ceil(atoms / size), groupOf: new Int32Array(atoms) };
  regroup(groups);
  return groups;
}

/** Brings `groupOf` up to `order`. */
export function regroup({ order, size, groupOf }: AtomGroups): void {
  for (const [place, atom] of order.entries()) groupOf[atom] = Math.floor(place / size);
}
