/** @file Which held-out rows' codes are kept in memory: as many as fit, evenly spread. */

import type { SaeRunner } from "../sae/sae.ts";
import type { EvidenceRows } from "./evidence-rows.ts";

/** Entries of the codes that are kept of one SAE, about: 8 bytes each. */
export const KEPT_ENTRIES = 2 ** 22;
/** Rows that say how many entries a row has. */
const TRIED_ROWS = 256;

/**
 * The rows whose codes are kept, evenly spread over those that are held out; all where they fit.
 *
 * @param entries Entries per row, at least one.
 */
export function keptCodeRows(
  { rows, heldOutFrom }: Pick<EvidenceRows, "rows" | "heldOutFrom">,
  entries: number,
): Int32Array {
  const heldOut = rows - heldOutFrom;
  const kept = Math.min(heldOut, Math.max(1, Math.floor(KEPT_ENTRIES / entries)));
  return Int32Array.from(
    { length: kept },
    (_, i) => heldOutFrom + Math.floor((i * heldOut) / kept),
  );
}

/**
 * Entries per row of the codes of the first held-out rows; at least one.
 *
 * @param most Rows that the runner takes at a time.
 */
export async function entriesPerRow(
  { encode }: SaeRunner,
  { rows, heldOutFrom, dIn, read }: EvidenceRows,
  most: number,
): Promise<number> {
  const tried = Math.min(TRIED_ROWS, rows - heldOutFrom, most);
  if (tried === 0) return 1;
  const x = new Float32Array(tried * dIn);
  await read(heldOutFrom, x);
  const { indptr } = await encode(x, tried);
  return Math.max(1, indptr[tried]! / tried);
}
