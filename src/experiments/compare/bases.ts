/** @file Whether two SAEs describe activations in one space, so that raw cosines mean something. */

import type { OpenedSae } from "./open-saes.ts";
import type { RowSet } from "./row-sets.ts";

type Place = Pick<OpenedSae, "modelName" | "hookName">;

/**
 * Whether two SAEs are of different places: their files name different models or hooks. Where the
 * files do not say, two sets of rows that belong together are of two places.
 */
export function basesDiffer(a: Place, b: Place, ofA?: RowSet, ofB?: RowSet): boolean {
  for (const key of ["modelName", "hookName"] as const)
    if (a[key] !== undefined && b[key] !== undefined && a[key] !== b[key]) return true;
  if (a.modelName !== undefined && b.modelName !== undefined) return false;
  return ofA !== undefined && ofB !== undefined && ofA !== ofB;
}
