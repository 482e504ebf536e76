/** @file How alike compared members of one run were before its first step. */

import { basename, dirname } from "node:path";
import { RunFolder } from "../../runs/run-folder.ts";
import { readStarts, type StartOfPair, type Starts } from "../../runs/starts.ts";

/**
 * What the runs recorded of the starts of pairs, by pair.
 *
 * @param saes With the folders that they were read from: `<run>/saes/<member>` for a member.
 * @returns Undefined for SAEs of different runs, and for runs from before starts were recorded.
 * @throws {FormatError} naming a damaged results/starts.json.
 */
export async function startOfPairs(
  pairs: readonly { readonly a: number; readonly b: number }[],
  saes: readonly { readonly folder: string }[],
): Promise<(StartOfPair | undefined)[]> {
  const runs = saes.map(({ folder }) => {
    const isMember = basename(dirname(folder)) === "saes";
    return isMember ? dirname(dirname(folder)) : undefined;
  });
  const known = new Map<string, Starts | undefined>();
  for (const run of new Set(runs))
    if (run !== undefined) known.set(run, await readStarts(new RunFolder(run)));
  return pairs.map(({ a, b }) => {
    const run = runs[a];
    if (run === undefined || run !== runs[b]) return undefined;
    const names = [basename(saes[a]!.folder), basename(saes[b]!.folder)];
    return known.get(run)?.pairs.find((pair) => names.includes(pair.a) && names.includes(pair.b));
  });
}
