/**
 * @file Which latents can be left out, by thresholds: the search of Cunningham et al. 2023, after
 *   ACDC (Conmy et al. 2023, arXiv:2304.14997). It starts from all latents and drops those whose
 *   absence raises the divergence by less than τ.
 */

import { permutation, randomStream } from "../../../../base/philox.ts";
import type { Sae } from "../../../../sae/sae.ts";
import type { OpenPairs } from "../open-pairs.ts";
import type { PairChanges } from "./pair-codes.ts";
import { type Patched, runPatches } from "./patched-pairs.ts";

/** A threshold and the latents that it leaves, ascending. */
export interface ThresholdSet {
  readonly threshold: number;
  readonly latents: readonly number[];
}

/** How to search. */
export interface ThresholdOptions {
  readonly seed: number;
  /** Ascending. */
  readonly thresholds: readonly number[];
  readonly pause: () => Promise<void>;
  readonly onDone: (done: number, total: number) => void;
}

/** `count` thresholds from 1e-5 to 1, evenly spread by their logarithms. */
export const thresholds = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => 10 ** (-5 + (5 * i) / Math.max(1, count - 1)));

/**
 * For each threshold, visits what is left in random order. A visit costs one pass over the pairs in
 * which the latent differs. The order is drawn anew for each threshold.
 */
export async function searchThresholds(
  open: OpenPairs,
  sae: Sae,
  changes: readonly PairChanges[],
  { seed, thresholds: all, pause, onDone }: ThresholdOptions,
): Promise<ThresholdSet[]> {
  const pairsOf = new Map<number, number[]>();
  for (const [pair, of] of changes.entries())
    for (const latent of of.keys()) pairsOf.set(latent, [...(pairsOf.get(latent) ?? []), pair]);
  const left = new Set([...pairsOf.keys()].sort((a, b) => a - b));
  const every = open.pairs.map((_, pair) => ({ pair, latents: left }));
  const now: Patched[] = await runPatches(open, sae, changes, every, pause);
  const sets: ThresholdSet[] = [];
  for (const [i, threshold] of all.entries()) {
    const waiting = [...left];
    const order = permutation(randomStream(seed, `threshold/${i}`), waiting.length);
    for (const at of order) {
      const latent = waiting[at]!;
      left.delete(latent);
      const own = pairsOf.get(latent)!;
      const tried = await runPatches(
        open,
        sae,
        changes,
        own.map((pair) => ({ pair, latents: left })),
        pause,
      );
      const rise = tried.reduce((sum, { kl }, j) => sum + kl - now[own[j]!]!.kl, 0);
      if (rise / open.pairs.length < threshold)
        for (const [j, pair] of own.entries()) now[pair] = tried[j]!;
      else left.add(latent);
    }
    onDone(i + 1, all.length);
    sets.push({ threshold, latents: [...left].sort((a, b) => a - b) });
  }
  return sets;
}
