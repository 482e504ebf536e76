/** @file Reference search: every score in float64, sorted. */

import { ConcordError } from "../../errors.ts";
import type { ColumnGroups, SearchTopK } from "../backend.ts";
import { largest } from "./encode.ts";

/** The error for a row whose scores cannot be put in order. */
function notFinite(row: number): ConcordError {
  return new ConcordError(
    "numeric/not-finite",
    `[searchTopK] Row ${row} has scores that are not finite: the rows, the columns or the prices hold NaN, or are too large.`,
  );
}

/**
 * ⟨row, column⟩ − price.
 *
 * @throws {ConcordError} when it is NaN.
 */
function score({ rows, columns, prices, d }: SearchTopK, row: number, column: number): number {
  let sum = prices ? -prices[column]! : 0;
  for (let j = 0; j < d; j++) sum += rows[row * d + j]! * columns[column * d + j]!;
  if (Number.isNaN(sum)) throw notFinite(row);
  return Math.fround(sum);
}

export function searchTopK(args: SearchTopK): number {
  const { count, columnCount, k, groups, candidates, scores } = args;
  const all = new Float32Array(columnCount);
  const columnAt = (place: number) => groups.order?.[place] ?? place;
  for (let r = 0; r < count; r++) {
    const floor = args.floor?.[r] ?? Number.NEGATIVE_INFINITY;
    const places: number[] = [];
    for (let place = 0; place < columnCount; place++) {
      if (!isWanted(groups, r, place)) continue;
      const found = score(args, r, columnAt(place));
      all[place] = found;
      if (args.floor ? found >= floor : found !== Number.NEGATIVE_INFINITY) places.push(place);
    }
    if (!args.floor && places.length < k) throw notFinite(r);
    const best = largest(all, places, k);
    candidates.fill(-1, r * k, (r + 1) * k);
    scores.fill(Number.NEGATIVE_INFINITY, r * k, (r + 1) * k);
    for (const [i, place] of best.entries()) {
      candidates[r * k + i] = columnAt(place);
      scores[r * k + i] = all[place]!;
    }
    writeReach(groups, r, all, new Set(best));
  }
  return 0;
}

function isWanted({ wanted, size }: ColumnGroups, row: number, place: number): boolean {
  return !wanted || ((wanted[row]! >> Math.floor(place / size)) & 1) === 1;
}

/** Writes the largest score of every group that the row searched, its candidates left out. */
function writeReach(
  groups: ColumnGroups,
  row: number,
  scores: Float32Array,
  candidates: ReadonlySet<number>,
): void {
  const count = Math.ceil(scores.length / groups.size);
  for (let g = 0; g < count; g++)
    if (isWanted(groups, row, g * groups.size))
      groups.reach[row * count + g] = Number.NEGATIVE_INFINITY;
  for (const [place, value] of scores.entries()) {
    const at = row * count + Math.floor(place / groups.size);
    if (isWanted(groups, row, place) && !candidates.has(place))
      groups.reach[at] = Math.max(groups.reach[at]!, value);
  }
}
