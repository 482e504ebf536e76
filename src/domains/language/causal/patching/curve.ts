/** @file How near predictions come to the counterfactual by the number of patched latents. */

import { permutation, randomStream } from "../../../../base/philox.ts";
import type { Sae } from "../../../../sae/sae.ts";
import type { OpenPairs } from "../open-pairs.ts";
import type { PairChanges } from "./pair-codes.ts";
import { type Patched, runPatches } from "./patched-pairs.ts";

/** Latents patched together, and what came of each pair. */
export interface CurvePoint {
  /** How many may be patched: the size of the set. */
  readonly latents: number;
  /** How many differ in a pair and so are patched, mean over pairs. */
  readonly perPair: number;
  readonly pairs: readonly Patched[];
}

/** Sizes of sets: 0, then about four per doubling of ten, up to all. */
function curveCounts(all: number): number[] {
  const counts = new Set([0]);
  for (let n = 1; n < all; n = Math.max(n + 1, Math.round(n * 1.4))) counts.add(n);
  counts.add(all);
  return [...counts];
}

/** The points of some sets, in their order. */
export async function curveOf(
  open: OpenPairs,
  sae: Sae,
  changes: readonly PairChanges[],
  sets: readonly ReadonlySet<number>[],
  pause: () => Promise<void>,
): Promise<CurvePoint[]> {
  const points: CurvePoint[] = [];
  for (const latents of sets) {
    const patches = open.pairs.map((_, pair) => ({ pair, latents }));
    let patched = 0;
    for (const of of changes) for (const latent of of.keys()) if (latents.has(latent)) patched++;
    points.push({
      latents: latents.size,
      perPair: patched / open.pairs.length,
      pairs: await runPatches(open, sae, changes, patches, pause),
    });
  }
  return points;
}

/** The first so many of an order, for each count. */
export const prefixes = (order: readonly number[]): Set<number>[] =>
  curveCounts(order.length).map((count) => new Set(order.slice(0, count)));

/** The same latents in an order that is drawn: what the ranking is compared with. */
export function drawnOrder(latents: readonly number[], seed: number): number[] {
  const sorted = latents.toSorted((a, b) => a - b);
  return Array.from(permutation(randomStream(seed, "patching/order"), sorted.length), (i) => {
    return sorted[i]!;
  });
}
