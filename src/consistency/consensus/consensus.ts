/**
 * @file A consensus dictionary: latents that several SAEs found independently, one averaged atom
 *   for each.
 *
 * Two latents of different SAEs are linked when each is the other's nearest atom and their cosine
 * is at least τ. Groups grow from the strongest link to the weakest. A link joins two groups when
 * no SAE is in both and every pair of latents across them has a cosine of at least τ. So a group
 * holds at most one latent per SAE, and no chain of links drifts away from where it began.
 *
 * Pooling latents that recur over seeds is also the idea of Gerasimov et al. 2026
 * (arXiv:2606.12138); how they group latents is not public.
 */

import type { Backend } from "../../backend/backend.ts";
import { allPairs } from "../compared-pairs.ts";
import { bestMatches } from "../matching/best-matches.ts";
import { type Dictionary, requireSameSpace } from "../matching/dictionary.ts";

/** A latent of one of the SAEs. */
export interface GroupedLatent {
  /** Index of the SAE. */
  readonly sae: number;
  readonly latent: number;
}

/** Latents that stand for one direction, at most one per SAE. */
export interface LatentGroup {
  /** By SAE, ascending. */
  readonly latents: readonly GroupedLatent[];
  /** Mean cosine over all pairs of the group; 1 for one latent. */
  readonly agreement: number;
}

interface Link extends Record<"a" | "b", GroupedLatent> {
  readonly cosine: number;
}

function cosineOf(dictionaries: readonly Dictionary[], a: GroupedLatent, b: GroupedLatent): number {
  const [first, second] = [dictionaries[a.sae]!, dictionaries[b.sae]!];
  const { d } = first;
  let sum = 0;
  for (let i = 0; i < d; i++) sum += first.unit[a.latent * d + i]! * second.unit[b.latent * d + i]!;
  return sum;
}

/** Links between two SAEs: mutual nearest atoms with a cosine of at least τ. */
async function linksBetween(
  backend: Backend,
  dictionaries: readonly Dictionary[],
  [i, j]: readonly [number, number],
  threshold: number,
): Promise<Link[]> {
  const found = await bestMatches(backend, dictionaries[i]!, dictionaries[j]!);
  const links: Link[] = [];
  for (let latent = 0; latent < found.partnerOfA.length; latent++) {
    const partner = found.partnerOfA[latent]!;
    const cosine = found.bestOfA[latent]!;
    if (cosine >= threshold && found.partnerOfB[partner] === latent)
      links.push({ a: { sae: i, latent }, b: { sae: j, latent: partner }, cosine });
  }
  return links;
}

/** Mean cosine over the pairs of a group. */
function agreementOf(
  dictionaries: readonly Dictionary[],
  latents: readonly GroupedLatent[],
): number {
  const pairs = allPairs(latents.length);
  if (pairs.length === 0) return 1;
  const sum = pairs.reduce(
    (total, [i, j]) => total + cosineOf(dictionaries, latents[i]!, latents[j]!),
    0,
  );
  return sum / pairs.length;
}

/**
 * The groups of latents of some SAEs of one d_in, those with the most latents first, then by
 * agreement. Latents that no group has stand alone, as groups of one.
 *
 * @param threshold τ: least cosine of any two latents of a group.
 * @throws {ShapeError} for SAEs of different d_in.
 */
export async function groupLatents(
  backend: Backend,
  dictionaries: readonly Dictionary[],
  threshold: number,
): Promise<LatentGroup[]> {
  for (const dictionary of dictionaries) requireSameSpace(dictionaries[0]!, dictionary);
  const links: Link[] = [];
  for (const pair of allPairs(dictionaries.length))
    links.push(...(await linksBetween(backend, dictionaries, pair, threshold)));
  // Equal cosines keep the order of the SAEs and latents: sorting is stable.
  links.sort((a, b) => b.cosine - a.cosine);
  const groupOf = dictionaries.map(({ count }, sae) =>
    Array.from({ length: count }, (_, latent): GroupedLatent[] => [{ sae, latent }]),
  );
  for (const { a, b } of links) {
    const [first, second] = [groupOf[a.sae]![a.latent]!, groupOf[b.sae]![b.latent]!];
    if (first === second) continue;
    const fits = first.every((x) =>
      second.every((y) => x.sae !== y.sae && cosineOf(dictionaries, x, y) >= threshold),
    );
    if (!fits) continue;
    const joined = [...first, ...second].sort((x, y) => x.sae - y.sae);
    for (const { sae, latent } of joined) groupOf[sae]![latent] = joined;
  }
  return [...new Set(groupOf.flat())]
    .map((latents) => ({ latents, agreement: agreementOf(dictionaries, latents) }))
    .sort((a, b) => b.latents.length - a.latents.length || b.agreement - a.agreement);
}

/**
 * The normalised mean of each group's unit atoms, as the rows of a dictionary [groups, d]: the
 * direction with the largest total cosine to the group.
 */
export function groupAtoms(
  backend: Backend,
  dictionaries: readonly Dictionary[],
  groups: readonly LatentGroup[],
): Dictionary {
  const d = dictionaries[0]!.d;
  const unit = backend.float32(groups.length * d);
  for (const [g, { latents }] of groups.entries()) {
    const row = unit.subarray(g * d, (g + 1) * d);
    for (const { sae, latent } of latents) {
      const atoms = dictionaries[sae]!.unit;
      for (let i = 0; i < d; i++) row[i]! += atoms[latent * d + i]!;
    }
    const length = Math.hypot(...row) || 1;
    for (let i = 0; i < d; i++) row[i]! /= length;
  }
  return { unit, count: groups.length, d };
}
