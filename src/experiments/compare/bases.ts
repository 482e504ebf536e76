/** @file Whether two SAEs describe activations in one space, so that raw cosines mean something. */

import { basename } from "node:path";
import type { OpenedSae } from "./open-saes.ts";
import type { RowSet } from "./rows/row-sets.ts";

/** What an SAE's files say of where its activations are taken. */
type Place = Pick<OpenedSae, "modelName" | "hookName">;

/** Whether both name a model, and not the same; with or without the organisation in front. */
function modelsDiffer({ modelName: a }: Place, { modelName: b }: Place): boolean {
  if (a === undefined || b === undefined) return false;
  return basename(a).toLowerCase() !== basename(b).toLowerCase();
}

/** Whether both name a hook in the same way, TransformerLens's or another, and not the same. */
function hooksDiffer({ hookName: a }: Place, { hookName: b }: Place): boolean {
  if (a === undefined || b === undefined) return false;
  const isSameWay = a.startsWith("blocks.") === b.startsWith("blocks.");
  return isSameWay && a !== b;
}

/**
 * Whether two SAEs are of different places: their files name different models or hooks. Where the
 * files do not say, two sets of rows that belong together are of two places.
 */
export function basesDiffer(a: Place, b: Place, ofA?: RowSet, ofB?: RowSet): boolean {
  if (modelsDiffer(a, b) || hooksDiffer(a, b)) return true;
  if (a.modelName !== undefined && b.modelName !== undefined) return false;
  return ofA !== undefined && ofB !== undefined && ofA !== ofB;
}
