/** @file Latents by what each does alone: how much nearer it brings predictions when patched. */

import type { Sae } from "../../../../sae/sae.ts";
import type { OpenPairs } from "../open-pairs.ts";
import type { PairChanges } from "./pair-codes.ts";
import { runPatches, unpatched } from "./patched-pairs.ts";

/** A latent and its effect. */
export interface RankedLatent {
  readonly latent: number;
  /** Mean over pairs of KL without the patch − KL with it, nats; 0 where it does not differ. */
  readonly effect: number;
  /** Mean over pairs of the gain in logit difference. */
  readonly difference: number;
  /** Pairs in which it differs. */
  readonly pairs: number;
}

/**
 * Ranks all latents that differ in some pair, the largest effect first; of equal ones the lower
 * number. Each is patched alone, and only in pairs where it differs.
 */
export async function rankLatents(
  open: OpenPairs,
  sae: Sae,
  changes: readonly PairChanges[],
  pause: () => Promise<void>,
  onDone: (done: number, total: number) => void,
): Promise<RankedLatent[]> {
  const patches = changes.flatMap((of, pair) =>
    [...of.keys()].map((latent) => ({ pair, latents: [latent] })),
  );
  const before = unpatched(open);
  const sums = new Map<number, { effect: number; difference: number; pairs: number }>();
  const some = 1024;
  for (let from = 0; from < patches.length; from += some) {
    const part = patches.slice(from, from + some);
    const found = await runPatches(open, sae, changes, part, pause);
    for (const [i, { kl, difference }] of found.entries()) {
      const { pair, latents } = part[i]!;
      const sum = sums.get(latents[0]!) ?? { effect: 0, difference: 0, pairs: 0 };
      sum.effect += (before[pair]!.kl - kl) / open.pairs.length;
      sum.difference += (difference - before[pair]!.difference) / open.pairs.length;
      sum.pairs++;
      sums.set(latents[0]!, sum);
    }
    onDone(Math.min(from + some, patches.length), patches.length);
  }
  return [...sums]
    .map(([latent, sum]) => ({ latent, ...sum }))
    .sort((a, b) => b.effect - a.effect || a.latent - b.latent);
}
