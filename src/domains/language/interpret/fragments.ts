/** @file Texts cut into fragments of equal length: what a judge of a latent is shown at a time. */

/** Fragments of some rows, in their order. */
export interface Fragments {
  /** Rows of each fragment. */
  readonly length: number;
  /** First row of each fragment, [fragments]. */
  readonly starts: Int32Array;
  /** Fragment of each row, [rows]; −1 for rows that fill no whole fragment. */
  readonly ofRow: Int32Array;
  /** The first fragment of which training never saw a row; they reach to the end. */
  readonly heldOutFrom: number;
}

/** What rows are cut by. */
export interface CutRows {
  /** Which rows belong together, [rows], ascending. */
  readonly groups: Int32Array;
  /** The first row that training never saw. */
  readonly heldOutFrom: number;
}

/**
 * Cuts every group into fragments of `length` rows from its beginning. What is left at its end, and
 * a fragment with rows on both sides of `heldOutFrom`, belong to none.
 */
export function cutIntoFragments({ groups, heldOutFrom }: CutRows, length: number): Fragments {
  const starts: number[] = [];
  const ofRow = new Int32Array(groups.length).fill(-1);
  let heldOut: number | undefined;
  for (let start = 0; start + length <= groups.length; ) {
    const end = start + length;
    if (groups[end - 1] !== groups[start]) {
      // A group is shorter than a fragment here: go on with the next.
      const group = groups[start]!;
      while (groups[start] === group) start++;
      continue;
    }
    const isDivided = start < heldOutFrom && end > heldOutFrom;
    if (!isDivided) {
      if (start >= heldOutFrom) heldOut ??= starts.length;
      ofRow.fill(starts.length, start, end);
      starts.push(start);
    }
    start = end;
  }
  const heldOutFragments = heldOut ?? starts.length;
  return { length, starts: Int32Array.from(starts), ofRow, heldOutFrom: heldOutFragments };
}
