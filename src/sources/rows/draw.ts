/**
 * @file A draw of the training rows: one of several parts without a row in common, so that two runs
 *   can differ in their data alone. Held-out rows are the same for all parts.
 */

import { ConcordError } from "../../errors.ts";
import type { StoredRows } from "./stored-rows.ts";

/** Which part of the training rows is trained on. */
export interface Draw {
  /** From 1 to `of`. */
  readonly part: number;
  /** How many parts there are. */
  readonly of: number;
}

/** The rows [start, start + count) of something. */
export interface RowRange {
  readonly start: number;
  readonly count: number;
}

/**
 * The rows of a part: contiguous, as in the universality study, whose two draws are the halves of
 * one corpus. Parts differ by at most `group` rows in length.
 *
 * @param rows Training rows, all parts together.
 * @param group Rows that stay together, such as those of a window.
 * @returns All rows where there is no draw. `count` is 0 where the part has no whole group.
 */
export function drawnRows(rows: number, draw: Draw | undefined, group = 1): RowRange {
  if (draw === undefined) return { start: 0, count: rows };
  const groups = Math.ceil(rows / group);
  const edge = (part: number) => Math.min(rows, Math.floor((part * groups) / draw.of) * group);
  const start = edge(draw.part - 1);
  return { start, count: edge(draw.part) - start };
}

/** The rows of `stored` in a range, from 0 on; closing it closes nothing. */
export function rowsOfRange(stored: StoredRows, { start, count }: RowRange): StoredRows {
  return {
    ...stored,
    rows: count,
    read: (from, into) => stored.read(start + from, into),
    close: async () => undefined,
  };
}

/** @throws {ConcordError} `config/invalid` where a part of `rows` training rows holds none. */
export function requireDrawnRows(
  { count }: RowRange,
  rows: number,
  draw: Draw | undefined,
  where: string,
): void {
  if (count > 0 || draw === undefined) return;
  throw new ConcordError(
    "config/invalid",
    `${where}: part ${draw.part} of ${draw.of} holds none of the ${rows} training rows.`,
    { hint: "Set source.draw.of to fewer parts." },
  );
}

/** Names a draw in positions of streams, so that one of another part is refused. */
export function drawIdentity(draw: Draw | undefined): string {
  return draw === undefined ? "" : `part ${draw.part} of ${draw.of}, `;
}
