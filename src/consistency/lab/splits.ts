/**
 * @file Which latents of a wide SAE share a parent in a narrow one. A feature that the narrow SAE
 *   holds in one latent may be split over several in the wide one.
 *
 * The parent of a latent is the nearest atom of the narrow SAE, if their cosine is at least τ. The
 * null is what atoms of random direction would do. Each has a parent with the chance p that the
 * largest of n cosines reaches τ, and any parent is as likely as another.
 */

import { chanceOfRandomCosine } from "../../base/statistics/largest-random-cosine.ts";

/** A latent of the wide SAE with a parent. */
export interface Child {
  readonly latent: number;
  readonly cosine: number;
}

/** A latent of the narrow SAE with two children or more. */
export interface Split {
  readonly parent: number;
  /** From the nearest to the farthest. */
  readonly children: readonly Child[];
}

/** How the latents of a wide SAE divide over those of a narrow one. */
export interface Splits {
  /** Latents of the narrow SAE with 0, 1, 2, … children; the last stands for that many or more. */
  readonly byChildren: readonly number[];
  readonly byChildrenNull: readonly number[] | undefined;
  /** Latents of the wide SAE without a parent. */
  readonly orphans: number;
  readonly orphansNull: number | undefined;
  /** By number of children, most first. */
  readonly list: readonly Split[];
}

/** Parents with this many children or more are counted together. */
const MOST_COUNTED = 5;

/** The chances of 0, 1, … successes of m at chance q each; the last is of that many or more. */
function binomial(m: number, q: number): number[] {
  const chances: number[] = [];
  let log = m * Math.log1p(-q);
  for (let k = 0; k < MOST_COUNTED; k++) {
    chances.push(Math.exp(log));
    log += k < m ? Math.log((m - k) / (k + 1)) + Math.log(q) - Math.log1p(-q) : -Infinity;
  }
  return [...chances, Math.max(0, 1 - chances.reduce((sum, p) => sum + p, 0))];
}

/**
 * Gathers the latents of the wide SAE by their parents.
 *
 * @param wide The nearest narrow atom of each wide atom, and their cosine.
 * @param narrow Number of latents of the narrow SAE, and the width of the atoms.
 */
export function splitsOf(
  wide: { readonly nearest: Int32Array; readonly cosine: Float32Array },
  narrow: { readonly latents: number; readonly d: number },
  threshold: number,
): Splits {
  const children: Child[][] = Array.from({ length: narrow.latents }, () => []);
  let orphans = 0;
  for (const [latent, parent] of wide.nearest.entries()) {
    const cosine = wide.cosine[latent]!;
    if (cosine >= threshold) children[parent]!.push({ latent, cosine });
    else orphans++;
  }
  const byChildren = new Array<number>(MOST_COUNTED + 1).fill(0);
  for (const { length } of children) byChildren[Math.min(length, MOST_COUNTED)]!++;
  const list = children
    .map((found, parent) => ({ parent, children: found.sort((a, b) => b.cosine - a.cosine) }))
    .filter(({ children }) => children.length > 1)
    .sort((a, b) => b.children.length - a.children.length);
  const m = wide.nearest.length;
  const isKnown = narrow.d >= 2;
  const chance = isKnown ? chanceOfRandomCosine(narrow.d, narrow.latents, threshold) : 0;
  return {
    byChildren,
    byChildrenNull: isKnown
      ? binomial(m, chance / narrow.latents).map((p) => p * narrow.latents)
      : undefined,
    orphans,
    orphansNull: isKnown ? m * (1 - chance) : undefined,
    list,
  };
}
