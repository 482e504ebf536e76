/** @file The rows that evidence of latents is looked for in. */

import type { Source } from "../sources/source.ts";

/** Rows in the order in which they are looked at, float32 [rows, d_in]. */
export interface EvidenceRows {
  readonly dIn: number;
  readonly rows: number;
  /** The first row that training never saw; they reach to the end. */
  readonly heldOutFrom: number;
  /**
   * Which rows belong together, such as those of one text, [rows], ascending. Rows around an
   * example are of its group, and a group has one top example. Undefined: each row is by itself.
   */
  readonly groups?: Int32Array;
  /** Reads the rows [start, start + out.length / d_in). */
  read(start: number, out: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** The first `most` rows that training never saw, each by itself. */
export function heldOutRows(
  { heldOut, dIn }: Pick<Source, "heldOut" | "dIn">,
  most: number,
): EvidenceRows {
  return {
    dIn,
    rows: Math.min(most, heldOut.rows),
    heldOutFrom: 0,
    read: (start, out) => heldOut.read(start, out),
    close: async () => undefined,
  };
}

/** Rows that are encoded at a time; a longer group is not divided. */
export const BLOCK_ROWS = 1024;

/** Where the blocks end, the last at `rows`. None divides a group. */
export function blockEnds({ rows, groups }: Pick<EvidenceRows, "rows" | "groups">): number[] {
  const ends: number[] = [];
  let [start, groupStart] = [0, 0];
  for (let row = 1; row <= rows; row++) {
    const isEnd = row === rows || !groups || groups[row] !== groups[row - 1];
    if (!isEnd) continue;
    if (row - start > BLOCK_ROWS && groupStart > start) {
      ends.push(groupStart);
      start = groupStart;
    }
    groupStart = row;
  }
  if (rows > start) ends.push(rows);
  return ends;
}
