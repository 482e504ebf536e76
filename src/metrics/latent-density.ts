/** @file How often latents are active: the histogram every SAE paper shows. */

export interface DensityHistogram {
  /** Lower edges of the bins in log10 of the density; bins are `width` wide. */
  readonly edges: readonly number[];
  readonly width: number;
  readonly counts: readonly number[];
  /** Latents that are never active, which have no logarithm. */
  readonly dead: number;
}

const LOWEST = -6;
const BINS = 60;

/**
 * Histogram of log10(rows in which a latent is active / rows), 60 bins from 10⁻⁶ to 1; rarer latents fall into the first bin.
 *
 * @param activeRows [d_sae]
 */
export function densityHistogram(activeRows: ArrayLike<number>, rows: number): DensityHistogram {
  const width = -LOWEST / BINS;
  const counts = new Array<number>(BINS).fill(0);
  let dead = 0;
  for (let j = 0; j < activeRows.length; j++) {
    const density = activeRows[j]! / rows;
    if (density === 0) {
      dead++;
      continue;
    }
    const bin = Math.floor((Math.log10(density) - LOWEST) / width);
    counts[Math.min(BINS - 1, Math.max(0, bin))]!++;
  }
  return { edges: Array.from({ length: BINS }, (_, i) => LOWEST + i * width), width, counts, dead };
}
