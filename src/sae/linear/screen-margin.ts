/**
 * @file How many candidates beyond k the screen of top-k may keep. The result is exact for any
 *   margin. Where more latents come near the k-th score than there is room for, the row is scored
 *   again against every latent. That costs a hundred times as much. Most activations need few
 *   candidates; where scores crowd round the k-th (noise learned by heart, say) the margin grows
 *   within some steps.
 */

/** This share of the batch may be scored again before more candidates are cheaper. */
const FEW = 1 / 512;
const WIDEST = 4;
const DECAY = 0.98;

/** The margin to begin with: enough for nearly every row of ordinary activations. */
export function firstMargin(k: number): number {
  return 6 * (k + 32);
}

/** The margin of the next step, from the rows that had to be scored again in this one. */
export function nextMargin(margin: number, k: number, redoneShare: number): number {
  const first = firstMargin(k);
  if (redoneShare > FEW) return Math.min(2 * margin, WIDEST * first);
  return redoneShare === 0 ? Math.max(first, Math.floor(DECAY * margin)) : margin;
}
