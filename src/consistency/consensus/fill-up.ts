/** @file Fills a consensus up to a number of latents, so that it can be compared at equal width. */

import type { Backend } from "../../backend/backend.ts";
import { bestMatches } from "../matching/best-matches.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import { groupAtoms, type LatentGroup } from "./consensus.ts";

/**
 * The groups, and behind them latents of the first SAE as groups of one, until there are `latents`
 * or the SAE has no more. Those come first whose largest cosine with an atom of a group is
 * smallest. Latents of one SAE do not double each other as those of several would.
 *
 * @param groups At least one.
 */
export async function fillUp(
  backend: Backend,
  dictionaries: readonly Dictionary[],
  groups: readonly LatentGroup[],
  latents: number,
): Promise<LatentGroup[]> {
  const missing = latents - groups.length;
  if (missing <= 0) return [...groups];
  const first = dictionaries[0]!;
  const { bestOfA } = await bestMatches(backend, first, groupAtoms(backend, dictionaries, groups));
  const inGroups = new Set(
    groups.flatMap((group) => group.latents.filter(({ sae }) => sae === 0).map((l) => l.latent)),
  );
  // Equal cosines keep the order of the latents: sorting is stable.
  const added = Array.from(bestOfA.keys())
    .filter((latent) => !inGroups.has(latent))
    .sort((a, b) => bestOfA[a]! - bestOfA[b]!)
    .slice(0, missing);
  return [...groups, ...added.map((latent) => ({ latents: [{ sae: 0, latent }], agreement: 1 }))];
}
