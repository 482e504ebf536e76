/**
 * @file What becomes of latents that no other SAE has: the latents of another SAE that together
 *   span their direction (Gerasimov et al. 2026, arXiv:2606.12138, on bases that differ while the
 *   subspace comes back).
 */

import type { Backend } from "../backend/backend.ts";
import { randomStream } from "../base/philox.ts";
import { rebuildFrom } from "../consistency/lab/rebuild-atom.ts";
import type { Dictionary } from "../consistency/matching/dictionary.ts";

/** Atoms that rebuild a direction, at most. */
export const REBUILT_ATOMS = 4;
/** Latents of one SAE that are rebuilt, at most. */
export const MOST_REBUILT = 4096;
/** Directions that are rebuilt at a time, which bounds memory. */
const AT_A_TIME = 256;
/** Random directions whose mean is the null. */
const RANDOM = 64;

/** What rebuilds one latent best. */
export interface Rebuilt {
  readonly latent: number;
  /** Index of the other SAE, and its latents in the order in which they joined. */
  readonly sae: number;
  readonly atoms: readonly number[];
  readonly cosine: number;
  /** What as many atoms reach for a random direction, on average. */
  readonly nullCosine: number;
}

async function nullCosine(backend: Backend, atoms: Dictionary): Promise<number> {
  const unit = backend.float32(RANDOM * atoms.d);
  const [k0, k1] = randomStream(0, "evidence/rebuilt").key;
  await backend.fillRandom({ k0, k1, start: 0, out: unit, normal: true });
  await backend.normalizeRows({ rows: unit, unit, count: RANDOM, columns: atoms.d });
  const steps = await rebuildFrom(backend, { unit, count: RANDOM }, atoms, REBUILT_ATOMS);
  return steps.reduce((sum, found) => sum + (found.at(-1)?.cosine ?? 0), 0) / RANDOM;
}

/**
 * Rebuilds latents of one dictionary from four atoms of each other one, by orthogonal matching
 * pursuit, and keeps the best.
 *
 * @param latents Which latents.
 * @param others  The other SAEs, by their indices.
 */
export async function rebuildUnmatched(
  backend: Backend,
  { unit, d }: Dictionary,
  latents: readonly number[],
  others: ReadonlyMap<number, Dictionary>,
  pause: () => Promise<void>,
): Promise<Rebuilt[]> {
  const best = new Map<number, Rebuilt>();
  for (const [sae, atoms] of latents.length === 0 ? [] : others) {
    const random = await nullCosine(backend, atoms);
    for (let from = 0; from < latents.length; from += AT_A_TIME) {
      const some = latents.slice(from, from + AT_A_TIME);
      const count = some.length;
      const directions = backend.float32(count * d);
      const index = Int32Array.from(some);
      await backend.gatherRows({ matrix: unit, index, count, columns: d, out: directions });
      const found = await rebuildFrom(backend, { unit: directions, count }, atoms, REBUILT_ATOMS);
      for (const [i, steps] of found.entries()) {
        const [latent, cosine] = [some[i]!, steps.at(-1)?.cosine ?? 0];
        if (cosine <= (best.get(latent)?.cosine ?? 0)) continue;
        const joined = steps.map(({ atom }) => atom);
        best.set(latent, { latent, sae, atoms: joined, cosine, nullCosine: random });
      }
      await pause();
    }
  }
  return [...best.values()];
}
